"""What a shop is told beside the note on its orders; all of it is off until the merchant switches it on."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Literal

from pydantic import Field, field_validator

from fillrate.settings.base import Strict

Standing = Literal["waits", "part_waits", "picking", "ready"]
WORKED_ON = "by_lines"  # the one meaning under which a status changes nothing of what an order owes


class StatusPair(Strict):
    """One change of an order's status that Fillrate may make: from, to, and how the order must stand (`when`)."""

    from_: str = Field(alias="from")
    to: str
    when: Standing


class WriteBackSettings(Strict):
    """What is written to a shop beside the note on its orders."""

    order_status: tuple[StatusPair, ...] = ()
    staff_note: bool = False  # one line in the staff notes of an order that waits, once
    product_page: str = Field(default="", max_length=200)  # "In stock again: leaves by {day}."
    backorder_limit: bool = False  # the policy's limit becomes the shop's, where it has native backorders
    purchasing: bool = False  # what has reached its limit of backorders cannot be bought

    @field_validator("product_page")
    @classmethod
    def names_the_day(cls, value: str) -> str:
        """A text without its day would say nothing, and the page is compared with it letter by letter."""
        if value and "{day}" not in value:
            message = "must hold {day}, in place of which the page shows the day"
            raise ValueError(message)
        if not value.isprintable() or value != value.strip():
            message = "must be one line, without blanks around it"
            raise ValueError(message)
        return value


def mistake_in_pairs(
    pairs: Collection[StatusPair], meanings: Mapping[str, str], undeducted: Collection[str]
) -> str | None:
    """Return what is wrong with these pairs, None where nothing is.

    A status that is written must change neither what is owed nor the shop's stock, and no status may lead on to another
    while an order stands as it does.
    """
    starts = Counter((one.from_, one.when) for one in pairs)
    for one in pairs:
        said = f'write_back.order_status from "{one.from_}" to "{one.to}"'
        for status in (one.from_, one.to):
            if (meaning := meanings.get(status, "unknown")) != WORKED_ON:
                return f'{said}: "{status}" means {meaning}; only what means by_lines may be left and written'
        if one.from_ == one.to:
            return f"{said} changes nothing"
        if (one.from_ in undeducted) != (one.to in undeducted):
            return f"{said} would move the shop's stock: undeducted_statuses names one of the two only"
        if starts[one.from_, one.when] > 1:
            return f"{said}: another pair leaves the same status when = {one.when!r}"
        if starts[one.to, one.when]:
            return f"{said}: another pair leaves {one.to} again when = {one.when!r}, so that it would not stay"
    return None
