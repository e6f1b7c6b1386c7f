"""How a channel writes a note of any shape to an order."""

from typing import Any

import pytest

from fillrate.channels.protocol import Stream, Write
from fillrate.errors import InDoubt, LeaseLost
from tests.channels.practice import Practice, always, records
from tests.contract.suite import Contract


class NotesContract(Contract):
    """Say which kind of change a note is, and how one is written."""

    kind = ""

    def write(self, target: str, after: Any, before: Any = None) -> Write:
        raise NotImplementedError

    def test_what_was_written_is_read_back_and_writing_it_again_changes_nothing(self, side: Practice) -> None:
        targets = sorted(records(side.channel, Stream.ORDERS))[:6]
        values = {one: {"order": one, "ünits": [1, 2], "none": None} for one in targets}
        batch = [self.write(one, values[one]) for one in targets]

        first = side.channel.write(batch, always)
        second = side.channel.write(batch, always)

        assert {one.state for one in (first | second).values()} == {"done"}
        assert set(first) == set(second) == set(targets)
        assert side.channel.read_back(self.kind, targets) == values
        changed = [self.write(one, {"now": 2}, values[one]) for one in targets[:3]]
        removed = [self.write(one, None, values[one]) for one in targets[3:]]
        assert {one.state for one in side.channel.write(changed + removed, always).values()} == {"done"}
        now: dict[str, Any] = {one: {"now": 2} for one in targets[:3]} | dict.fromkeys(targets[3:])
        assert side.channel.read_back(self.kind, targets) == now

    def test_what_may_no_longer_be_sent_is_not(self, side: Practice) -> None:
        targets = sorted(records(side.channel, Stream.ORDERS))[:2]

        def lost() -> None:
            raise LeaseLost("Another run has taken over.")

        with pytest.raises(LeaseLost):
            side.channel.write([self.write(one, {"a": 1}) for one in targets], lost)
        assert side.channel.read_back(self.kind, targets) == dict.fromkeys(targets)

    def test_a_write_whose_answer_is_lost_is_unknown_until_it_is_read_back(self, side: Practice) -> None:
        targets = sorted(records(side.channel, Stream.ORDERS))[:2]
        side.fault("drop_after_write", match="POST *", times=1)

        try:
            states = {
                one.state for one in side.channel.write([self.write(one, {"a": 1}) for one in targets], always).values()
            }
        except InDoubt:
            states = {"unknown"}

        assert states == {"unknown"}
        assert side.channel.read_back(self.kind, targets) == {one: {"a": 1} for one in targets}

    @pytest.mark.parametrize("kind", ["429", "500", "503", "504", "drop", "html", "malformed", "truncated", "empty"])
    def test_the_outcome_of_a_write_is_never_better_than_the_truth(self, side: Practice, kind: str) -> None:
        targets = sorted(records(side.channel, Stream.ORDERS))[:2]
        side.fault(kind, match="POST *", times=1)

        outcomes = side.channel.write([self.write(one, {"a": 1}) for one in targets], always)
        held = side.channel.read_back(self.kind, targets)

        assert set(outcomes) == set(targets)
        assert all(held[one] == {"a": 1} for one, outcome in outcomes.items() if outcome.state == "done")
        assert all(held[one] is None for one, outcome in outcomes.items() if outcome.state == "refused")
