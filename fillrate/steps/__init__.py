"""One use case a function: load, decide, save, report. Every step takes a Desk and knows nothing of Prefect."""
