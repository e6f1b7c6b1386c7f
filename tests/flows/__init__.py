"""Every flow, once and twice, under a real Prefect server."""
