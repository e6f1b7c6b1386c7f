"""What a shop says about itself, its clock, and what its token may do."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import msgspec

from fillrate.channels.fields import currency, text
from fillrate.channels.protocol import Scope
from fillrate.channels.shopify import documents
from fillrate.channels.shopify.graph import Beside, Graph
from fillrate.channels.shopify.pages import empty
from fillrate.errors import BadAnswer, SkipRecord
from fillrate.gateway.strict_json import Malformed, decode
from fillrate.records import StoreInfo

STATUSES = {
    "authorized": "Authorized",
    "expired": "Expired",
    "none": "Nothing to pay",
    "paid": "Paid",
    "partially_paid": "Partially paid",
    "partially_refunded": "Partially refunded",
    "pending": "Payment pending",
    "refunded": "Refunded",
    "voided": "Voided",
    "cancelled": "Cancelled",
    "test": "Test order",
}


class Plan(msgspec.Struct, rename="camel"):
    """What the merchant pays for, as sent."""

    public_display_name: str


class Shop(msgspec.Struct, rename="camel"):
    """A shop, as sent."""

    id: str
    name: str
    iana_timezone: str
    currency_code: str
    plan: Plan


class ShopData(msgspec.Struct):
    """The data of a shop."""

    shop: Shop


class ShopAnswer(Beside):
    """An answer that holds a shop."""

    data: ShopData | None = None


class Handle(msgspec.Struct):
    """A scope, as sent."""

    handle: str


class Installation(msgspec.Struct, rename="camel"):
    """What the app may do, as sent."""

    access_scopes: list[Handle]


class ScopesData(msgspec.Struct, rename="camel"):
    """The data of the app."""

    current_app_installation: Installation


class ScopesAnswer(Beside):
    """An answer that holds the app's scopes."""

    data: ScopesData | None = None


A = TypeVar("A", ShopAnswer, ScopesAnswer)
SHOP = msgspec.json.Decoder(ShopAnswer)
SCOPES = msgspec.json.Decoder(ScopesAnswer)


def told_shop(body: bytes) -> tuple[Beside, Shop | None]:
    """Return an answer with its shop."""
    answer = checked(body, SHOP)
    return answer, answer.data.shop if answer.data else None


def told_scopes(body: bytes) -> tuple[Beside, frozenset[str]]:
    """Return an answer with the scopes that it holds."""
    answer = checked(body, SCOPES)
    rows = answer.data.current_app_installation.access_scopes if answer.data else []
    return answer, frozenset(text(one.handle, 100) for one in rows)


def checked(body: bytes, decoder: msgspec.json.Decoder[A]) -> A:
    """Return an answer; Malformed for what is none."""
    try:
        answer = decode(body, decoder)
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from None
    if answer.data is None:
        empty(answer)
    return answer


def store_info(graph: Graph) -> StoreInfo:
    """Return what the shop says about itself."""
    shop = graph.ask(documents.SHOP, {}, told_shop)
    if shop is None or not text(shop.id):
        raise BadAnswer(what=f"{documents.SHOP.label}: the shop does not say which it is.")
    try:
        code = currency(shop.currency_code, "currencyCode")
    except SkipRecord as skip:
        raise BadAnswer(what=f"{documents.SHOP.label}: {skip.what}.") from None
    return StoreInfo(
        identity=text(shop.id),
        name=text(shop.name),
        timezone=text(shop.iana_timezone),
        currency=code,
        plan=text(shop.plan.public_display_name),
    )


def shop_time(graph: Graph) -> datetime:
    """Return the shop's own clock, by the date of an answer: the API has no other."""
    reply = graph.reply(documents.SHOP, {}, told_shop)
    try:
        return parsedate_to_datetime(reply.headers.get("date", "")).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadAnswer(what=f"{documents.SHOP.label}: the shop's answer has no date.") from None


def granted(graph: Graph) -> frozenset[str]:
    """Return the scopes that the token has."""
    return graph.ask(documents.SCOPES, {}, told_scopes)


def probe(graph: Graph) -> tuple[Scope, ...]:
    """Return the scopes that the documents ask for, and which of them the token has; who may write may read.

    One that few shops grant, and without which only old orders stay unseen, is told where the token has it.
    """
    has = granted(graph)
    scopes = [
        Scope(name=name, use=use, state="granted" if {name, writing(name)} & has else "missing")
        for name, use in documents.NEEDED.items()
    ]
    return tuple(one for one in scopes if one.name != documents.OLD_ORDERS_SCOPE or one.state == "granted")


def writing(scope: str) -> str:
    """Return the scope that a reading one is part of."""
    return scope.replace("read_", "write_", 1) if scope != documents.OLD_ORDERS_SCOPE else scope
