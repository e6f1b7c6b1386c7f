"""Decisions, on values alone."""
