"""What the warehouse received is no longer on its way, whichever road tells of it first."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fillrate.errors import Conflict, NotFound
from fillrate.steps.audit import audit
from fillrate.steps.picking.received import received
from tests.steps.purchasing import Merchant

PO = ("PO1", "1")


@pytest.fixture
def merchant(db_url: str, tmp_path: Path) -> Iterator[Merchant]:
    """A merchant on each engine in turn."""
    with closing(Merchant.begin(db_url, tmp_path)) as made:
        yield made


def told(merchant: Merchant, quantity: int, key: str, position: str = "1") -> dict[str, Any]:
    with merchant.desk() as desk, desk.db.write("told", lock=True) as tx:
        return received(desk, tx, key, "PO1", position, "", quantity, None)


def test_what_came_is_no_longer_on_its_way_and_a_mistake_is_taken_back(merchant: Merchant) -> None:
    merchant.tell("PO1,1,A,100,0,2026-04-01")

    first = told(merchant, 40, "one")
    assert (first["received"], first["on_its_way"]) == (40, 60)
    assert merchant.events()[-1][:2] == ("received", 40)
    assert told(merchant, -10, "two")["on_its_way"] == 70
    assert merchant.events()[-1][:2] == ("taken_back", 10)
    with merchant.desk() as desk:
        assert [one for one in audit(desk) if one["violations"]] == []


def test_of_what_the_warehouse_and_a_file_tell_the_larger_total_holds(merchant: Merchant) -> None:
    merchant.tell("PO1,1,A,100,0,2026-04-01")
    told(merchant, 40, "one")

    merchant.tell("PO1,1,A,100,0,2026-04-05")  # slips, and knows nothing of the receipt
    assert merchant.lines("qty_received", "expected_at")[PO] == (40, "2026-04-05")
    merchant.tell("PO1,1,A,100,40,2026-04-05")
    assert merchant.lines("qty_received")[PO] == 40
    merchant.tell("PO1,1,A,100,70,2026-04-05")
    assert told(merchant, 30, "two")["received"] == 70  # the file told of them already
    assert [event[:2] for event in merchant.events() if event[0] in {"received", "taken_back"}] == [
        ("received", 40),
        ("received", 30),
    ]


def test_what_is_not_known_is_refused(merchant: Merchant) -> None:
    merchant.tell("PO1,1,A,100,0,2026-04-01")

    with pytest.raises(NotFound, match="Nothing is known of PO1, line 9"):
        told(merchant, 1, "one", position="9")
    with pytest.raises(Conflict, match="told of 0 unit"):
        told(merchant, -1, "two")
    assert merchant.ask("SELECT COUNT(*) FROM receipt") == [(0,)]
