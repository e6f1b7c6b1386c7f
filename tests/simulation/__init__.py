"""Whole histories of a shop and the product, seeded, without Prefect: crashes anywhere, then one rerun."""
