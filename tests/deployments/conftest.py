"""The merchant and the shop of the command's tests, for whatever else runs the flows."""

from tests.cli.conftest import day_one, faults, here, merchant, newcomer, shop

__all__ = ["day_one", "faults", "here", "merchant", "newcomer", "shop"]
