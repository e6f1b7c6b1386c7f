"""Loaded only by the process from which others are forked: one day's work, so that each of them need not warm up again."""

import tempfile
from pathlib import Path

from tests.simulation.happenings import something_is_scarce
from tests.simulation.world import World

with tempfile.TemporaryDirectory() as folder:
    world = World.make(f"sqlite:///{Path(folder)}/warm.db", seed=12)
    something_is_scarce(world)
    for _ in range(2):
        world.day()
