"""Names and addresses from a number (and a country): the same number is always the same person, so nobody is stored.

Some names carry accents, an apostrophe or a company with an ampersand, as real ones do.
"""

from dataclasses import dataclass
from functools import lru_cache

from sandbox.countries import COUNTRIES

FIRST = (
    "Ada", "Benedikt", "Chloë", "Dmitri", "Elif", "Farah", "Grace", "Hiro", "Ingrid", "José", "Kofi", "Lena", "Mateo",
    "Nadia", "Oskar", "Priya", "Quinn", "Rosa", "Søren", "Tariq", "Uma", "Viktor", "Wanjiru", "Ximena", "Yusuf", "Zoë",
)  # fmt: skip
LAST = (
    "Abara", "Becker", "Castillo", "Dubois", "Eriksson", "Fontaine", "García", "Haddad", "Ito", "Jansen", "Kowalski",
    "Lindqvist", "Müller", "Nakamura", "O'Brien", "Park", "Quispe", "Rossi", "Schmidt", "Tanaka", "Usman", "van der Berg",
    "Wójcik", "Xu", "Yıldız", "Zhang", "Smith", "Johnson", "Okafor", "Nguyen", "Silva",
)  # fmt: skip
STREETS = ("Harbour Road", "Mill Lane", "Station Street", "Orchard Way", "High Street", "Kiln Close", "Rue du Moulin")
COMPANIES = ("Brass & Oak", "Northlight Studio", "Quay Traders Ltd", "Fern and Daughters", "Atelier Été")
CITIES = (
    ("Austin", "Texas", "78701", "United States", "US"),
    ("Portland", "Oregon", "97201", "United States", "US"),
    ("Chicago", "Illinois", "60601", "United States", "US"),
    ("Boston", "Massachusetts", "02108", "United States", "US"),
    ("Toronto", "Ontario", "M5H 2N2", "Canada", "CA"),
    ("London", "England", "EC1A 1BB", "United Kingdom", "GB"),
    ("München", "Bayern", "80331", "Germany", "DE"),
    ("Sydney", "New South Wales", "2000", "Australia", "AU"),
)
ASCII = str.maketrans("ëéøãíüıöóçñ", "eeoaiuiooc" + "n")


@dataclass(frozen=True, slots=True)
class Person:
    """A name with an address."""

    first: str
    last: str
    company: str
    street: str
    city: str
    state: str
    postcode: str
    country: str
    country_code: str
    phone: str
    email: str


def _home(country: str, mixed: int) -> tuple[str, str, str, str, str]:
    """A city of a country; one that is on no map keeps its name, without a code."""
    code, city = COUNTRIES.get(country, ("", "Unknown"))
    return city, "", f"{10_000 + mixed % 90_000}", country, code


@lru_cache(maxsize=8192)
def person(number: int, country: str = "") -> Person:
    """The person of a number; in some city, or in the country that is asked for."""
    mixed = number * 2_654_435_761 % 4_294_967_296
    first, last = FIRST[mixed % len(FIRST)], LAST[mixed // 31 % len(LAST)]
    city = _home(country, mixed) if country else CITIES[mixed // 977 % len(CITIES)]
    mail_name = f"{first}.{last}".lower().translate(ASCII).replace(" ", "").replace("'", "")
    return Person(
        first,
        last,
        COMPANIES[mixed % len(COMPANIES)] if mixed % 9 == 0 else "",
        f"{1 + mixed % 240} {STREETS[mixed // 7 % len(STREETS)]}",
        *city,
        f"555-01{mixed % 100:02d}",
        f"{mail_name}.{number}@example.com",
    )
