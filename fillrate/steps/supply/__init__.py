"""Goods on their way: read from files, compared with what was told before, and matched with what the shops count."""
