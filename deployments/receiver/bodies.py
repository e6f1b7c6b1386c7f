"""What a warehouse may tell, and what it is answered: every text and number within limits."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Text = Annotated[str, Field(max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]
Name = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")]
Id = Annotated[int, Field(strict=True, ge=1, le=2**62)]
Units = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
MOST_LINES = 5_000


class Told(BaseModel):
    """What is told; an unknown field is a mistake."""

    model_config = ConfigDict(extra="forbid")


class Why(BaseModel):
    """What is wrong, and what to do."""

    what: str
    next: str


class Refused(BaseModel):
    """The answer to a call that was refused: nothing of it was done."""

    error: Why


class LineTold(Told):
    """Units of one line of a pick list."""

    line: Id = Field(description="The `id` of the line in the pick list; its `line` is the shop's own.")
    quantity: Units


class ShippedTold(Told):
    """What left."""

    lines: list[LineTold] = Field(min_length=1, max_length=MOST_LINES)
    tracking: Text = Field("", description="The carrier's number of the parcel.")


class ShortLine(LineTold):
    """Units of one line that were not found."""

    part: Text = Field("", description="Of a kit: the SKU of the part that is missing; all of them, unless given.")


class ShortTold(Told):
    """What was not found."""

    lines: list[ShortLine] = Field(min_length=1, max_length=MOST_LINES)


class ReceivedTold(Told):
    """What came in of a purchase order or a transfer."""

    reference: Name
    position: Name = Field(description="The line's name within its reference, as the feed's file has it.")
    quantity: int = Field(strict=True, ge=-1_000_000, le=1_000_000, description="Units; negative takes a mistake back.")
    source: Text = Field("", description="The feed, where several tell of such a line.")
    received_at: AwareDatetime | None = Field(None, description="Now, unless given.")


class InboundTold(Told):
    """Lines of purchase orders and transfers, each as a row of a feed's file."""

    lines: list[dict[str, str | int | float | bool | None]] = Field(
        min_length=1,
        max_length=MOST_LINES,
        description="Columns as in a file: reference, sku and quantity are needed; line, kind, supplier, location, from, "
        "received, cancelled, received_on, ordered, expected, status may be told. A bad row costs itself only.",
        examples=[[{"reference": "PO-7", "line": "1", "sku": "MUG-RED", "quantity": 40, "expected": "2026-04-08"}]],
    )


class CountedTold(Told):
    """What lies on a shelf."""

    sku: Name
    location: Text = Field("", description="The location's code; the default one, unless given.")
    quantity: int = Field(strict=True, ge=0, le=1_000_000)
    counted_at: AwareDatetime


class PickListFacts(BaseModel):
    """What is told of a pick list, with its lines and without."""

    id: int
    state: str = Field(description="open, taken, done or undone")
    location: str
    location_name: str
    day: str
    made_at: str
    orders: int
    units: int
    to_do: int = Field(description="Units that are still to be picked.")


class PickListHead(PickListFacts):
    """A pick list without its lines."""

    lines: int = Field(description="How many lines it has.")


class PickPart(BaseModel):
    """What a line of a kit takes from one shelf."""

    sku: str
    name: str
    per: int = Field(description="Units in one kit.")
    quantity: int = Field(description="Units for all that is to be picked.")


class PickLine(BaseModel):
    """A line of a pick list."""

    id: int
    channel: str
    order: str
    line: str = Field(description="The order line's id in the shop.")
    sku: str
    name: str
    quantity: int
    to_do: int
    shipped: int = Field(description="As the warehouse told.")
    seen: int = Field(description="As the shop shows.")
    short: int = Field(description="Not found.")
    removed: int = Field(description="No longer to be picked.")
    tracking: str
    note: str = Field(description="What the warehouse must know of it.")
    parts: list[PickPart] = Field(description="Of a kit: what is picked for it.")


class PickListWhole(PickListFacts):
    """A pick list with its lines."""

    lines: list[PickLine]


class PickLists(BaseModel):
    """Pick lists, the newest first."""

    pick_lists: list[PickListHead]


class ReceivedAnswer(BaseModel):
    """How a line on its way stands."""

    source: str
    reference: str
    position: str
    sku: str
    ordered: int
    received: int
    told_by_warehouse: int
    on_its_way: int


class BadRow(BaseModel):
    """A line that cannot be used."""

    row: int = Field(description="Its number among the lines of the call, from 1.")
    reason: str


class InboundAnswer(BaseModel):
    """What became of the lines that were told."""

    new: int
    changed: int
    unchanged: int
    older: int = Field(description="Of which a later word is known already.")
    bad_rows: list[BadRow]
    ignored_columns: list[str]


class CountedAnswer(BaseModel):
    """How a count compares with what is known."""

    sku: str
    location: str
    counted: int
    expected: int
    difference: int
    to_do: str
