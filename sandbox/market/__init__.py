"""What all practice shops other than BigCommerce share: goods, stock, orders, levers, faults. A kind adds its API.

A kind is a subclass of `Market` (see `sandbox/market/shop.py`); the model knows nothing of any API.
"""

from sandbox.market.config import MarketConfig
from sandbox.market.goods import Goods, goods_of
from sandbox.market.manners import Manners
from sandbox.market.shop import Market
from sandbox.market.trouble import Trouble

__all__ = ["Goods", "Manners", "Market", "MarketConfig", "Trouble", "goods_of"]
