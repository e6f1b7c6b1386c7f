"""Taking over from another app: what is sold without a number gets one, and what is owed stays as it is."""
