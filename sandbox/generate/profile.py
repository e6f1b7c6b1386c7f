"""Who the store is: name, zone, currency and the places where it keeps stock, all drawn by the seed."""

from random import Random

from sandbox.generate.words import STORES
from sandbox.records import Location
from sandbox.state import Profile

COUNTRIES = (
    ("America/Chicago", "USD", "$", "United States", "US", 0),
    ("America/New_York", "USD", "$", "United States", "US", 700),
    ("Europe/London", "GBP", "£", "United Kingdom", "GB", 2000),
    ("Europe/Berlin", "EUR", "€", "Germany", "DE", 1900),
    ("Australia/Sydney", "AUD", "$", "Australia", "AU", 1000),
)
PLANS = {"unlimited": "Enterprise", "standard": "Standard", "pro": "Pro"}


def make_profile(seed: int, quota: str) -> Profile:
    """The store of a seed."""
    chance = Random(f"{seed}:profile")
    zone, currency, symbol, country, code, tax = chance.choice(COUNTRIES)
    return Profile(chance.choice(STORES), zone, currency, symbol, country, code, tax, PLANS[quota])


def make_locations(seed: int, profile: Profile) -> dict[int, Location]:
    """The default location, a second warehouse and a shop in town."""
    chance = Random(f"{seed}:locations")
    names = chance.sample(("North warehouse", "South warehouse", "Town shop", "Pop-up store"), 2)
    places = [Location(1, "BC-LOCATION-1", "Default location", profile.zone)]
    places += [Location(2 + n, f"LOC-{2 + n}", name, profile.zone) for n, name in enumerate(names)]
    return {place.id: place for place in places}
