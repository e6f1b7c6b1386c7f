"""Prefect's thin coat over the steps: runs them off the event loop, logs what they counted, and shows artifacts."""
