"""Amazon's Selling Partner API (orders, listings, feeds, reports, FBA inventory), as a practice shop."""

from sandbox.amazon.shop import Amazon

__all__ = ["Amazon"]
