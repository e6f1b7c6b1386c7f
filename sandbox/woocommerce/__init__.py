"""A practice shop that speaks WooCommerce's REST API v3."""

from sandbox.woocommerce.shop import WooCommerce

__all__ = ["WooCommerce"]
