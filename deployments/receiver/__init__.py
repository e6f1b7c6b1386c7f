"""The receiver: what others tell Fillrate over HTTP."""
