"""The kinds of shops beside BigCommerce, by name."""

from sandbox.amazon import Amazon
from sandbox.ebay import Ebay
from sandbox.files import Files
from sandbox.market import Market
from sandbox.shopify import Shopify
from sandbox.woocommerce import WooCommerce

KINDS: dict[str, type[Market]] = {kind.kind: kind for kind in (Amazon, Ebay, Files, Shopify, WooCommerce)}
