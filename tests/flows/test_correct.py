"""A person's word as a flow under a real Prefect server: its plan, its artifact, and a refusal that says what to do."""

import asyncio
from typing import Any

import pytest

from deployments.cli.run import end_of
from fillrate.bootstrap import open_desk
from fillrate.db.queries import plans
from fillrate.errors import NotFound
from fillrate.steps.intake.windows import Asked
from flows import correct
from flows.reconcile_inventory import reconcile_inventory
from sandbox import Running
from tests.flows.test_flows import artifacts
from tests.simulation.world import work

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("prefect"), pytest.mark.usefixtures("prefect_server")]
WHY = {"reason": "the customer called", "who": "Ann"}


@pytest.fixture
def line(running: Running) -> str:
    """A line of which units are ready."""
    with open_desk() as desk:
        work(desk, Asked(), "1", violations := [])
        with desk.db.read() as reading:
            statement = (
                "SELECT l.platform_id FROM order_line l JOIN open_unit u ON u.line_id = l.id WHERE u.reason = 'ready'"
            )
            ready = reading.connection.exec_driver_sql(statement).first()
    assert violations == []
    assert ready is not None
    return str(ready[0])


def run(flow: Any, **parameters: Any) -> dict[str, Any]:
    return asyncio.run(end_of(flow, {**WHY, **parameters}))


def test_each_word_of_a_person_is_a_flow_whose_plan_is_shown_and_twice_is_once(line: str) -> None:
    first = run(correct.hold, subject="line", which=line, kind="address")
    again = run(correct.hold, subject="line", which=line, kind="address")
    others = [
        run(correct.release, subject="line", which=line),
        run(correct.set_priority, subject="line", which=line, priority=3),
        run(correct.move_promise, which=line, day="2030-01-02"),
        run(correct.cancel_units, which=line, units=1, dry_run=True),
    ]

    assert (first["state"], first["counts"], first["plan"]["applied"]) == ("done", {"words_booked": 1}, 1)
    assert (again["state"], again["counts"]) == ("done", {})
    assert [one["plan"]["changes"] for one in others] == [1, 1, 1, 1]
    assert others[-1]["plan"]["applied"] == 0
    with open_desk() as desk, desk.db.read() as reading:
        assert plans.plan(reading, first["plan"]["id"]).approved_by == "Ann"
    shown = asyncio.run(artifacts("hold-plan"))
    assert "not held → held for its address" in shown[-1].data
    assert "the customer called" in shown[-1].data


def test_what_cannot_be_is_refused_with_what_to_do(line: str) -> None:
    with pytest.raises(NotFound, match="There is no delivery PO-1.*fillrate status"):
        run(correct.mark_received, reference="PO-1", units=1)


def test_a_word_on_a_number_that_does_not_wait_is_refused_and_a_reconciliation_shows_that_none_does(line: str) -> None:
    for word in (correct.put_back, correct.adopt_drift):
        with pytest.raises(NotFound, match="Nothing of NO-SKU waits for a person.*fillrate drift"):
            run(word, which="NO-SKU")

    assert asyncio.run(end_of(reconcile_inventory, {}))["state"] == "done"

    shown = asyncio.run(artifacts("reconcile-inventory-drift"))
    assert "No number of a channel differed in the last 7 days" in shown[-1].data
