"""Many allocators at once, with the lease switched off, set aside exactly what lies there."""

from contextlib import closing
from pathlib import Path

import pytest

from fillrate.db.tables import Movement, Stock, StockReading
from tests.steps.allocators import NOON, run_together
from tests.steps.purchasing import Merchant

UNITS = 10


@pytest.mark.parametrize("allocators", [12, pytest.param(64, marks=pytest.mark.slow)])
def test_allocators_without_a_lease_share_out_ten_units_exactly_once(
    db_url: str, tmp_path: Path, allocators: int
) -> None:
    with closing(Merchant.begin(db_url, tmp_path)) as merchant:
        item = merchant.ask("SELECT id FROM item WHERE sku = 'A'")[0][0]
        place = merchant.ask("SELECT id FROM location WHERE code = 'WEST'")[0][0]
        shelf = {"item_id": item, "location_id": place}
        with merchant.desk() as desk, desk.db.write("goods") as tx:
            count = {"kind": "counted", "quantity": UNITS, "cause": "opening", "run_id": "", "occurred_at": NOON}
            tx.insert(Movement, [{**shelf, **count}])
            tx.insert(Stock, [{**shelf, "on_hand": UNITS, "allocated": 0}])
            read = {"shown": UNITS, "safety_stock": 0, "deducted": 0, "first_read_at": NOON, "read_at": NOON}
            tx.insert(StockReading, [{"channel_id": 1, **shelf, **read}])

        ended = run_together(db_url, item, allocators)

        assert ended == [0] * allocators
        assert merchant.ask("SELECT sum(quantity), count(*) FROM allocation") == [(UNITS, UNITS)]
        assert merchant.ask(f"SELECT on_hand, allocated FROM stock WHERE item_id = {item}") == [(UNITS, UNITS)]
        states = dict(merchant.ask("SELECT state, sum(quantity) FROM open_unit GROUP BY state"))  # type: ignore[arg-type]
        assert states == {"backlog": UNITS, "backorder": allocators - UNITS}
        assert not any(check["violations"] for check in merchant.audited())
