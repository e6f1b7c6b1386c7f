"""What this channel does with a place, in one table: step label and urgency; files know no scopes but to read and to put.

The path is that of the file in the settings.
"""

from fillrate.gateway.budget import Priority
from fillrate.gateway.http import Endpoint

STOCK = Endpoint("files.stock.read", "/", Priority.ORDERS, "read")
ORDERS = Endpoint("files.orders.read", "/", Priority.ORDERS, "read")
OURS = Endpoint("files.ours.read", "/", Priority.WRITE, "read")
PUT = Endpoint("files.stock.put", "/", Priority.WRITE, "put")
CLOCK = Endpoint("files.clock", "/", Priority.ORDERS, "read")
