"""eBay's sites, by the money that they deal in."""

SITES = {"USD": "EBAY_US", "GBP": "EBAY_GB", "EUR": "EBAY_DE", "CAD": "EBAY_CA", "AUD": "EBAY_AU", "CHF": "EBAY_CH"}


def site_of(currency: str) -> str:
    """The site of a currency; money that none deals in is sold for on the American one."""
    return SITES.get(currency, SITES["USD"])


def money(cents: int, currency: str) -> dict[str, str]:
    """An amount as eBay writes it."""
    return {"value": f"{cents / 100:.2f}", "currency": currency}
