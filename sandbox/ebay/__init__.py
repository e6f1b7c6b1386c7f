"""eBay's Sell Inventory and Fulfillment APIs, as a practice shop."""

from sandbox.ebay.shop import Ebay

__all__ = ["Ebay"]
