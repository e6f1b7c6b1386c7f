"""Releasing backlog to the warehouse: what is picked now, what became of it, and what the warehouse tells."""
