"""Amounts of money for people."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal


def money(amount_e4: int, currency: str) -> str:
    """Return an amount in 1/10,000 of the currency unit, such as "1,200.00 EUR"."""
    return f"{Decimal(amount_e4) / 10_000:,.2f} {currency}"


def summed(amounts: Iterable[tuple[int, str]]) -> str:
    """Return the sum of amounts, each currency by itself: "1,200.00 EUR + 30.00 USD"."""
    sums: dict[str, int] = defaultdict(int)
    for amount_e4, currency in amounts:
        sums[currency] += amount_e4
    return " + ".join(money(sums[currency], currency) for currency in sorted(sums))
