"""Days of a store whose clocks change at midnight: one has no midnight, another has it twice."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fillrate.db.tables import OpenUnit
from fillrate.settings import Settings, StoreSettings
from sandbox import Switches
from tests.simulation.world import World, fresh
from tests.steps.telling import Told

CHANGES = {
    "America/Santiago": ("2026-09-05T16:00:00Z", "2026-09-06T16:00:00Z"),  # forward, at midnight of the second day
    "Atlantic/Azores": ("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"),  # back, to the midnight before
    "America/Havana": ("2026-10-31T16:00:00Z", "2026-11-01T16:00:00Z"),  # back, to midnight of the second day
}


class ThereWorld(World):
    """A world whose store lies somewhere."""

    timezone = "UTC"

    def settings(self) -> Settings:
        """Return the merchant's settings."""
        return super().settings().model_copy(update={"store": StoreSettings(timezone=self.timezone)})


@pytest.mark.parametrize("zone", CHANGES)
def test_orders_of_the_days_around_a_change_of_clocks_at_midnight_are_allocated(
    zone: str, tmp_path: Path, sqlite_template: Path
) -> None:
    reading = Switches(backorders=True, inventory_writes="at_once")
    world = ThereWorld.make(fresh(tmp_path, sqlite_template, "there"), 1, reading, products=0, customers=2, orders=0)
    world.timezone = zone
    told = Told(world, tmp_path)
    told.mug = told.act("create_product", name="Mug", sku="MUG", cents=1000, stock=3)["product_id"]
    told.act("set_backorder_limit", product_id=told.mug, quantity=1000)
    told.read()
    promised = []
    for moment in CHANGES[zone]:
        world.practice("clock", {"set": moment})
        world.clock.time = datetime.fromisoformat(moment).astimezone(UTC)
        told.order(2)
        told.coming(1, days=2)
        told.day()
        with world.desk() as desk, desk.db.read() as found:
            promised.append(len(found.connection.exec_driver_sql("SELECT DISTINCT line_id FROM promise").all()))
            assert {row.state for row in found.find(OpenUnit, "state", ["new", "backlog", "backorder"])} != {"new"}

    assert promised == [1, 2]
    assert told.is_sound()
