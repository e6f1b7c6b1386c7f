"""Every way to run the flows."""
