"""Give an order or a line another place in the queue than its policy does."""

from collections.abc import Collection

from fillrate.db.database import Reading
from fillrate.errors import FixSettings
from fillrate.settings import Policy
from fillrate.steps.correcting.find import TABLES, Subject, find, line_ids, rows_of
from fillrate.steps.correcting.word import Kind, Said, Scene, Told, Values, take, taking
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.runs import RunLog
from fillrate.steps.touch import touch_lines

RANKS = "The next allocation ranks it so: fillrate run allocate-orders"


def set_priority(desk: Desk, log: RunLog, said: Said, subject: Subject, which: str, priority: int | None) -> Told:
    """Set the class of an order or a line in the queue, small first; None leaves it to the policy again."""
    with taking(desk) as tx:
        found = find(desk, tx, subject, which)
        told = take(Scene(desk, tx, log, found.shop, said), PRIORITY, {found.target: priority})
        return told._replace(next=RANKS)


def held(_: Desk, reading: Reading, shop: Shop, targets: Collection[str]) -> Values:
    """Return the priority of each target, None where the policy decides."""
    return {target: row.priority for target, row in rows_of(reading, shop, targets).items()}


def check(scene: Scene, wanted: Values) -> None:
    """Refuse what no policy could say."""
    limits = {type(one).__name__: one for one in Policy.model_fields["priority"].metadata}
    least, most = limits["Ge"].ge, limits["Le"].le
    wrong = [value for value in wanted.values() if value is not None and not least <= value <= most]
    if wrong:
        what = f"{wrong[0]} is no priority: they go from {least}, the first in the queue, to {most}."
        raise FixSettings(what, next="Name one of these, or --default for what the policy says.")


def book(scene: Scene, wanted: Values) -> None:
    """Save the priorities."""
    tx, rows = scene.tx, rows_of(scene.tx, scene.shop, wanted)
    for subject, table in TABLES.items():
        mine = [target for target in wanted if target.startswith(f"{subject}:")]
        tx.update(table, [{"id": rows[target].id, "priority": wanted[target]} for target in mine], key=("id",))
    touch_lines(tx, line_ids(tx, rows))


PRIORITY = Kind("priority", held, check, book)
