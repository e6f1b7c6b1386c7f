"""A practice shop that speaks a part of Shopify's Admin GraphQL API."""

from sandbox.shopify.shop import Shopify

__all__ = ["Shopify"]
