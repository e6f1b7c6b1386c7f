"""The kinds of shops beside BigCommerce, by name."""

from sandbox.market import Market

KINDS: dict[str, type[Market]] = {}
