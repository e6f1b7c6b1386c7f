"""What one BigCommerce store needs to be told."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import SecretStr

from fillrate.settings import HookedShopSettings, Meaning


class BigCommerceSettings(HookedShopSettings):
    """A BigCommerce store; `base_url` is https://api.bigcommerce.com/stores/STORE_HASH."""

    MEANINGS: ClassVar[Mapping[str, Meaning]] = {
        "0": "not_an_order",
        **dict.fromkeys(("1", "7"), "payment"),
        **dict.fromkeys(("2", "10"), "done"),
        **dict.fromkeys(("3", "8", "9", "11", "14"), "by_lines"),
        **dict.fromkeys(("4", "5"), "cancelled"),
        "6": "nothing",
        **dict.fromkeys(("12", "13"), "review"),
    }

    token: SecretStr
    client_secret: SecretStr = SecretStr("")  # of the same API account; the store signs its hooks with it
    client_secret_old: SecretStr = SecretStr("")
