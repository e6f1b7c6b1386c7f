"""What this channel does with a place, in one table: step label, file, urgency; files know no scopes but to read and to put."""

from fillrate.gateway.budget import Priority
from fillrate.gateway.http import Endpoint

STOCK = Endpoint("files.stock.read", "/stock", Priority.ORDERS, "read")
ORDERS = Endpoint("files.orders.read", "/orders", Priority.ORDERS, "read")
OURS = Endpoint("files.ours.read", "/fillrate-stock", Priority.WRITE, "read")
PUT = Endpoint("files.stock.put", "/fillrate-stock", Priority.WRITE, "put")
