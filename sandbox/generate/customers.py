"""Customers and their groups."""

import numpy as np

from sandbox.clock import DAY
from sandbox.people import person
from sandbox.records import Customer, Group


def make_groups(opened: int) -> dict[int, Group]:
    """Three groups, as most stores have."""
    names = (("Wholesale", "15.0000"), ("VIP", "5.0000"), ("Staff", "30.0000"))
    return {
        n: Group(n, name, opened - (900 - n * 40) * DAY, discount) for n, (name, discount) in enumerate(names, start=1)
    }


def make_customers(count: int, seed: int, opened: int) -> list[Customer]:
    """So many customers, older ones with smaller ids; one in eight is in a group."""
    numbers = np.random.default_rng([seed, 3])
    ages = np.sort(numbers.integers(DAY, 900 * DAY, count))[::-1].tolist()
    touched = numbers.exponential(90 * DAY, count).tolist()
    groups = np.where(numbers.random(count) < 0.125, numbers.integers(1, 4, count), 0).tolist()
    made = []
    for n in range(count):
        created = opened - ages[n]
        modified = max(created, opened - int(touched[n]) - 60)
        made.append(Customer(n + 1, n + 1, groups[n], created, modified, person(n + 1).company))
    return made
