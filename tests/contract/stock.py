"""How a channel writes stock numbers: as it declares them, and never better told than they are true."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fillrate.channels.protocol import STOCK, Outcome, Stream, Write
from fillrate.errors import InDoubt, LeaseLost
from fillrate.records import StockItem, StockLevel
from tests.channels.practice import Practice, always, records
from tests.contract.suite import Contract

RELATIVE = ("inventory_delta", "inventoryAdjustQuantities", "adjustments/relative")
"""What would count twice where it is sent twice."""


def quantity(number: object) -> dict[str, object]:
    return {"quantity": number}


def wish(level: StockLevel, number: object, before: int | None = None, key: str = "") -> Write:
    """Return the intent to bring a number from what was read (or `before`) to another."""
    was = quantity(level.shown if before is None else before)
    key = key or f"key of {level.target}"
    return Write(kind=STOCK, target=level.target, before=was, after=quantity(number), key=key)


class StockContract(Contract):
    """Say how people set a number by hand, and a target that the shop knows nothing of."""

    unknown_target = "987654"
    batch_rows = 6
    lies = ("partly", "out_of_order", "lying", "late")  # of what its practice shop can be told to do
    patience = 8  # how often a shop that does things later is asked for them

    def set_number(self, side: Practice, level: StockLevel, number: int) -> None:
        """Let a person in the shop set the number of a level, behind our back."""
        side.act(action="set_stock", sku=level.sku, number=number)

    @pytest.fixture(autouse=True)
    def only_what_it_writes(self, only_what_it_can: None) -> None:
        self.able(STOCK in self.capabilities.writes, "writes no stock numbers")

    @pytest.fixture
    def levels(self, side: Practice) -> list[StockLevel]:
        """Return a few numbers of the shop, no SKU twice: people name what they change by its SKU."""
        items = records(side.channel, Stream.STOCK).values()
        found = {
            one.sku: one
            for item in items
            if isinstance(item, StockItem)
            for one in item.levels
            if one.sku and one.target
        }
        return sorted(found.values(), key=lambda one: one.target)[: self.batch_rows]

    def held(self, side: Practice, levels: list[StockLevel], wanted: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return what the shop holds; where it does things later, it is asked until it holds what is `wanted`."""
        targets = [one.target for one in levels]
        found = side.channel.read_back(STOCK, targets)
        for _ in range(self.patience if self.capabilities.stock.takes_effect == "later" else 0):
            if wanted is None or found == wanted:
                break
            side.pass_time(60)
            found = side.channel.read_back(STOCK, targets)
        return found

    def sent(self, side: Practice, batch: list[Write], may_send: Callable[[], None] = always) -> dict[str, Outcome]:
        """Write, and check that every target has an outcome; what the gateway cannot know is in doubt for all."""
        try:
            outcomes = side.channel.write(batch, may_send)
        except InDoubt as doubt:
            return {one.target: Outcome(state="unknown", answer=doubt.what) for one in batch}
        assert set(outcomes) == {one.target for one in batch}
        assert all(one.answer for one in outcomes.values())
        return outcomes

    def once(self, side: Practice, kind: str) -> Callable[[], None]:
        """Return what lets trouble strike the first request that changes something, and nothing else."""
        due = [kind]

        def may_send() -> None:
            if due:
                side.fault(due.pop(), times=1)

        return may_send

    def test_a_number_reads_back_as_it_was_read(self, side: Practice, levels: list[StockLevel]) -> None:
        assert levels
        assert self.held(side, levels) == {one.target: quantity(one.shown) for one in levels}

    def test_a_number_that_was_written_is_read_back(self, side: Practice, levels: list[StockLevel]) -> None:
        wanted = {one.target: quantity(one.shown + 3) for one in levels}

        outcomes = self.sent(side, [wish(one, one.shown + 3) for one in levels])

        assert {one.state for one in outcomes.values()} <= {"done", "unknown"}
        assert self.held(side, levels, wanted) == wanted
        shown = {
            level.target: level.shown
            for item in records(side.channel, Stream.STOCK).values()
            if isinstance(item, StockItem)
            for level in item.levels
        }
        assert {one.target: shown[one.target] for one in levels} == {one.target: one.shown + 3 for one in levels}

    def test_a_number_can_become_nothing(self, side: Practice, levels: list[StockLevel]) -> None:
        wanted = {one.target: quantity(0) for one in levels}

        self.sent(side, [wish(one, 0) for one in levels])

        assert self.held(side, levels, wanted) == wanted

    def test_the_same_write_twice_counts_once(self, side: Practice, levels: list[StockLevel]) -> None:
        batch = [wish(one, one.shown + 3) for one in levels]
        wanted = {one.target: one.after for one in batch}

        self.sent(side, batch)
        self.held(side, levels, wanted)
        again = self.sent(side, batch)

        assert {one.state for one in again.values()} <= {"done", "unknown", "stale"}
        assert self.held(side, levels, wanted) == wanted

    def test_the_same_key_counts_once_whatever_the_number_has_become(
        self, side: Practice, levels: list[StockLevel]
    ) -> None:
        self.able(self.capabilities.stock.idempotent, "does not know a write again by its key")
        batch = [wish(one, one.shown + 3) for one in levels]
        self.sent(side, batch)
        self.held(side, levels, {one.target: one.after for one in batch})
        self.set_number(side, levels[0], levels[0].shown)  # as it was planned to be: only the key tells

        self.sent(side, batch)

        wanted = {one.target: one.after for one in batch} | {levels[0].target: quantity(levels[0].shown)}
        assert self.held(side, levels, wanted) == wanted

    def test_no_difference_is_ever_sent(self, side: Practice, levels: list[StockLevel]) -> None:
        self.sent(side, [wish(one, one.shown + 3) for one in levels])

        told = json.dumps(side.writes())

        assert str(levels[0].shown + 3) in told
        assert [word for word in RELATIVE if word in told] == []

    def test_a_number_that_moved_since_the_plan_is_left_alone(self, side: Practice, levels: list[StockLevel]) -> None:
        moved, *rest = levels
        self.set_number(side, moved, moved.shown + 40)
        wanted = {moved.target: quantity(moved.shown + 40)} | {one.target: quantity(one.shown + 3) for one in rest}

        outcomes = self.sent(side, [wish(one, one.shown + 3) for one in levels])

        assert (outcomes[moved.target].state, outcomes[moved.target].seen) == ("stale", quantity(moved.shown + 40))
        assert {outcomes[one.target].state for one in rest} <= {"done", "unknown"}
        assert self.held(side, levels, wanted) == wanted

    def test_a_number_that_moves_while_it_is_written_is_left_alone(
        self, side: Practice, levels: list[StockLevel]
    ) -> None:
        self.able(self.capabilities.stock.compare_and_set, "cannot refuse a write by what the number is")
        moved, *rest = levels
        wanted = {moved.target: quantity(moved.shown + 40)} | {one.target: quantity(one.shown + 3) for one in rest}

        def somebody_is_faster() -> None:
            self.set_number(side, moved, moved.shown + 40)

        outcomes = self.sent(side, [wish(one, one.shown + 3) for one in levels], somebody_is_faster)

        assert (outcomes[moved.target].state, outcomes[moved.target].seen) == ("stale", quantity(moved.shown + 40))
        assert self.held(side, levels, wanted) == wanted

    @pytest.mark.parametrize("number", [2.5, "5", "abc", None, True, 2**40], ids=repr)
    def test_what_is_no_number_of_units_is_refused_unsent(
        self, side: Practice, levels: list[StockLevel], number: object
    ) -> None:
        bad, *rest = levels
        wanted = {bad.target: quantity(bad.shown)} | {one.target: quantity(one.shown + 3) for one in rest}

        outcomes = self.sent(side, [wish(bad, number), *(wish(one, one.shown + 3) for one in rest)])

        assert outcomes[bad.target].state == "refused"
        assert self.held(side, levels, wanted) == wanted

    def test_a_target_that_the_shop_does_not_know_costs_only_itself(
        self, side: Practice, levels: list[StockLevel]
    ) -> None:
        lost = Write(kind=STOCK, target=self.unknown_target, before=quantity(1), after=quantity(2), key="k")
        wanted = {one.target: quantity(one.shown + 3) for one in levels}

        outcomes = self.sent(side, [lost, *(wish(one, one.shown + 3) for one in levels)])

        assert outcomes[self.unknown_target].state in {"refused", "stale"}
        assert {outcomes[one.target].state for one in levels} <= {"done", "unknown"}
        assert self.held(side, levels, wanted) == wanted
        assert side.channel.read_back(STOCK, [self.unknown_target]) == {self.unknown_target: None}

    @pytest.mark.parametrize("kind", ["partly", "out_of_order", "lying", "late"])
    def test_rows_that_fail_or_lie_are_told_as_they_are(
        self, side: Practice, levels: list[StockLevel], kind: str
    ) -> None:
        self.able(kind in self.lies, "has a practice shop that does not do so")
        outcomes = self.sent(side, [wish(one, one.shown + 3) for one in levels], self.once(side, kind))

        now = self.held(side, levels)
        for one in levels:
            outcome, is_there = outcomes[one.target], now[one.target] == quantity(one.shown + 3)
            assert outcome.state != "done" or is_there or kind == "late"
            assert outcome.state != "refused" or not is_there

    @pytest.mark.parametrize("kind", ["lying", "late"])
    def test_a_shop_that_says_done_and_is_not_is_not_believed(
        self, side: Practice, levels: list[StockLevel], kind: str
    ) -> None:
        self.able(kind in self.lies, "has a practice shop that does not do so")
        outcomes = self.sent(side, [wish(one, one.shown + 3) for one in levels], self.once(side, kind))

        assert "done" not in {one.state for one in outcomes.values()}

    def test_a_write_whose_answer_is_lost_is_unknown_until_it_is_read_back(
        self, side: Practice, levels: list[StockLevel]
    ) -> None:
        wanted = {one.target: quantity(one.shown + 3) for one in levels}

        outcomes = self.sent(side, [wish(one, one.shown + 3) for one in levels], self.once(side, "drop_after_write"))

        assert {one.state for one in outcomes.values()} <= {"unknown", "done"}
        assert "unknown" in {one.state for one in outcomes.values()}
        assert self.held(side, levels, wanted) == wanted

    @pytest.mark.parametrize("kind", ["429", "500", "503", "504", "drop", "html", "malformed", "truncated", "empty"])
    def test_the_outcome_of_a_write_is_never_better_than_the_truth(
        self, side: Practice, levels: list[StockLevel], kind: str
    ) -> None:
        outcomes = self.sent(side, [wish(one, one.shown + 3) for one in levels], self.once(side, kind))

        now = self.held(side, levels)
        for one in levels:
            outcome = outcomes[one.target]
            assert outcome.state != "done" or now[one.target] == quantity(one.shown + 3)
            assert outcome.state != "refused" or now[one.target] == quantity(one.shown)

    def test_what_may_no_longer_be_sent_is_not(self, side: Practice, levels: list[StockLevel]) -> None:
        def lost() -> None:
            raise LeaseLost("Another run has taken over.")

        with pytest.raises(LeaseLost):
            side.channel.write([wish(one, one.shown + 3) for one in levels], lost)
        assert self.held(side, levels) == {one.target: quantity(one.shown) for one in levels}
