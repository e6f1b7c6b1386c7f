"""Amazon's stores, by the money that they deal in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Store:
    """A store: its id, its name, its money, and the code of what lies in Amazon's warehouses of its region."""

    id: str
    name: str
    currency: str
    warehouses: str

    def money(self, cents: int) -> dict[str, str]:
        """An amount as Amazon writes it."""
        return {"amount": f"{cents / 100:.2f}", "currencyCode": self.currency}


STORES = {
    store.currency: store
    for store in (
        Store("ATVPDKIKX0DER", "Amazon.com", "USD", "AMAZON_NA"),
        Store("A2EUQ1WTGCTBG2", "Amazon.ca", "CAD", "AMAZON_NA"),
        Store("A1F83G8C2ARO7P", "Amazon.co.uk", "GBP", "AMAZON_EU"),
        Store("A1PA6795UKMFR9", "Amazon.de", "EUR", "AMAZON_EU"),
    )
}


def store_of(currency: str) -> Store:
    """The store of a currency; money that none deals in is sold for in the American one."""
    return STORES.get(currency, STORES["USD"])
