"""Shopify's global ids, of which we keep the number: gid://shopify/Order/450789469."""

from typing import Annotated

import msgspec
from msgspec import Meta

Gid = Annotated[str, Meta(pattern=r"^gid://shopify/[A-Za-z]{1,80}/[1-9][0-9]{0,18}(\?[!-~]{0,200})?$", max_length=400)]


class Ref(msgspec.Struct, gc=False):
    """What names another thing, as sent."""

    gid: Gid = msgspec.field(name="id")

    @property
    def number(self) -> str:
        """Its number."""
        return number(self.gid)


def number(gid: str) -> str:
    """Return the number of a global id."""
    return gid.rpartition("/")[2].partition("?")[0]


def gid(kind: str, number: str) -> str:
    """Return the global id of a number."""
    return f"gid://shopify/{kind}/{number}"


def ref(one: Ref | None) -> str:
    """Return the number of what may be there, "" where it is not."""
    return "" if one is None else one.number
