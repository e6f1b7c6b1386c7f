"""Read what a channel shows, between two reads of its orders; what cannot be believed as a whole ends the channel's turn."""

from dataclasses import dataclass, field
from datetime import datetime

from msgspec.structs import replace

from fillrate.channels.protocol import Ask, Stream
from fillrate.db.queries import reconciling as queries
from fillrate.db.queries.stock import LastFacts, last_facts
from fillrate.decide.sweeps import emptying
from fillrate.errors import StopChannel
from fillrate.records import Reject, StockLevel
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.intake.windows import Asked
from fillrate.steps.runs import RunLog
from fillrate.steps.sync import sync_orders


@dataclass(slots=True)
class Numbers:
    """What a channel shows: when it was asked (its own clock), how far our journals reached before, and each number."""

    began_at: datetime
    before: LastFacts
    levels: dict[str, StockLevel] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    own: list[StockLevel] = field(default_factory=list)  # what has no name to write it by

    def add(self, level: StockLevel, *, is_whole: bool) -> None:
        """Keep one number, under the name by which it is written; what has none is the channel's own."""
        target = level.product_target if is_whole and level.product_target else level.target
        if not target:
            self.own.append(level)
        else:
            self.levels[target] = level if target == level.target else replace(level, target=target)


def read_numbers(desk: Desk, shop: Shop, log: RunLog) -> Numbers:
    """Read orders, all numbers, and orders again. A dry run reads no orders a second time."""
    sync_orders(desk, shop, log, Asked())
    with desk.db.read() as reading:
        before, whole = last_facts(reading), queries.counted_as_a_whole(reading, shop.id)
    found = Numbers(shop.channel.time(), before)
    for page in shop.channel.read(Ask(stream=Stream.STOCK)):
        found.rejects.extend(page.rejects)
        for level in (level for item in page.records for level in item.levels):
            found.add(level, is_whole=level.product_platform_id in whole)
        log.say(f"stock of {shop.name}: {len(found.levels)} numbers read")
    log.counts.update(stock_read=len(found.levels), stock_rejected=len(found.rejects))
    refuse_mass_zero(desk, shop, found)
    if not log.is_dry:
        sync_orders(desk, shop, log, Asked())
    return found


def refuse_mass_zero(desk: Desk, shop: Shop, numbers: Numbers) -> None:
    """Raise StopChannel where a channel suddenly shows nothing of an unusual share of what it showed."""
    with desk.db.read() as reading:
        held = queries.shown_above_nothing(reading, shop.id)
    empty = sum(target in numbers.levels and numbers.levels[target].shown <= 0 for target in held)
    share = desk.settings.policy.for_(channel=shop.name).vanish_share
    if why_not := emptying(empty, len(held), share):
        raise StopChannel(why_not, next="Look at the channel's stock; if it is true, raise vanish_share for one run.")
