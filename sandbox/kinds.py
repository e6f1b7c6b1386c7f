"""The kinds of shops beside BigCommerce, by name."""

from sandbox.market import Market
from sandbox.woocommerce import WooCommerce

KINDS: dict[str, type[Market]] = {kind.kind: kind for kind in (WooCommerce,)}
