"""Large collections as a file that the shop writes: asked for, waited for, fetched once, and read row by row.

The file lies on another host, where no token goes. Rows within a row are lines of their own that name their parent, wherever
they stand; the shop tells the size of the file, so that one which was cut off shows.
"""

import logging
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qsl, urlsplit

import msgspec

from fillrate.channels.shopify import documents
from fillrate.channels.shopify.documents import Document
from fillrate.channels.shopify.gids import Gid, gid, number
from fillrate.channels.shopify.graph import Beside, Graph
from fillrate.channels.shopify.pages import empty
from fillrate.errors import BadAnswer, RetryLater, StopChannel
from fillrate.gateway.http import PATH, is_loopback
from fillrate.gateway.retry import RetryPolicy
from fillrate.gateway.strict_json import Malformed, decode

log = logging.getLogger(__name__)
FROM = 1_000  # variants; below, pages cost less than waiting
PAGE = 250
HOSTS = frozenset({"storage.googleapis.com"})
LARGE = RetryPolicy(read_s=60, total_s=600, body_cap=512 * 2**20)
LONGEST_WAIT_S, LONGEST_PAUSE_S = 1_800.0, 10.0
AS_FILE = "file:"  # how a token of a read from a file begins
UNDER_WAY = frozenset({"CREATED", "RUNNING"})
BUSY = frozenset({"LIMIT_REACHED", "OPERATION_IN_PROGRESS"})


class Line(msgspec.Struct):
    """What every line has: its id, and its parent's where it stands within one."""

    id: Gid
    parent: Gid | None = msgspec.field(name="__parentId", default=None)


class Grown(NamedTuple):
    """A row as sent, with the rows within it."""

    id: str
    root: bytes
    parts: list[bytes]

    def of(self, kind: str) -> list[bytes]:
        """Return the rows of one kind within it."""
        return [one for one in self.parts if LINE.decode(one).id.startswith(f"gid://shopify/{kind}/")]

    def part_number(self, kind: str) -> str:
        """Return the number of the first row of a kind within it, "" where there is none."""
        return next((number(LINE.decode(one).id) for one in self.of(kind)), "")


class Counted(msgspec.Struct):
    """How many there are, as sent."""

    count: int


class CountedData(msgspec.Struct):
    """The data of a count; null where the shop does not count."""

    counted: Counted | None


class CountedAnswer(Beside):
    """An answer that holds a count."""

    data: CountedData | None = None


class Operation(msgspec.Struct, rename="camel"):
    """An export, as sent; numbers come as texts."""

    id: Gid
    status: str = "CREATED"
    error_code: str | None = None
    file_size: str | int | None = None
    url: str | None = None


class StartError(msgspec.Struct):
    """Why no export was begun, as sent."""

    code: str | None = None


class Started(msgspec.Struct, rename="camel"):
    """What became of asking for an export."""

    bulk_operation: Operation | None
    user_errors: list[StartError]


class StartedData(msgspec.Struct):
    """The data of asking for one."""

    started: Started | None


class StartedAnswer(Beside):
    """An answer to asking for one."""

    data: StartedData | None = None


class StateData(msgspec.Struct):
    """The data of how it stands; null where it is gone."""

    node: Operation | None


class StateAnswer(Beside):
    """An answer of how it stands."""

    data: StateData | None = None


A = TypeVar("A", CountedAnswer, StartedAnswer, StateAnswer)
LINE = msgspec.json.Decoder(Line)
COUNTED = msgspec.json.Decoder(CountedAnswer)
STARTED = msgspec.json.Decoder(StartedAnswer)
STATE = msgspec.json.Decoder(StateAnswer)


def is_worth_it(graph: Graph, after: str | None) -> bool:
    """Tell whether a whole collection is better asked for as a file; a read that began so goes on so."""
    if after is not None:
        return after.startswith(AS_FILE)
    return graph.ask(documents.VARIANTS_COUNT, {"most": FROM + 1}, counted) > FROM


def cursor(after: str | None) -> str | None:
    """Return where pages go on; a read that began with a file which is gone begins anew with them."""
    return None if after is None or after.startswith(AS_FILE) else after


def counted(body: bytes) -> tuple[Beside, int]:
    """Return an answer with its count; a shop that does not count has few."""
    answer = known(body, COUNTED)
    return answer, answer.data.counted.count if answer.data and answer.data.counted else 0


def exported(graph: Graph, document: Document, after: str | None) -> Iterator[tuple[list[Grown], str | None]] | None:
    """Yield the rows of a collection with those within them and the token of the next ones; None where the shop is busy."""
    if after is not None:
        name, _, start = after.removeprefix(AS_FILE).partition(":")
        try:
            return pages(rows_of(graph, gid("BulkOperation", name)), name, int(start))
        except StopChannel as gone:  # files last seven days
            log.info("%s: %s It is asked for anew.", document.label, gone.what)
    operation = begun(graph, document)
    return None if operation is None else pages(rows_of(graph, operation), number(operation), 0)


def rows_of(graph: Graph, operation: str) -> list[Grown]:
    """Return the rows of an export, once it is done."""
    return grown(download(graph, finished(graph, operation)))


def pages(rows: Sequence[Grown], name: str, start: int) -> Iterator[tuple[list[Grown], str | None]]:
    """Yield rows some at a time."""
    for at in range(start, max(len(rows), 1), PAGE):
        after = at + PAGE
        yield list(rows[at:after]), f"{AS_FILE}{name}:{after}" if after < len(rows) else None


def begun(graph: Graph, document: Document) -> str | None:
    """Ask for an export; None where too many are under way."""
    started = graph.ask(documents.BULK_RUN, {"query": document.text}, told_start)
    codes = {one.code for one in started.user_errors} if started else set()
    if started is not None and started.bulk_operation is not None and not codes:
        return started.bulk_operation.id
    if codes & BUSY:
        log.info("%s: other exports are under way; reading page by page", document.label)
        return None
    raise BadAnswer(what=f"{document.label}: the shop began no export.")


def told_start(body: bytes) -> tuple[Beside, Started | None]:
    """Return an answer to asking for an export."""
    answer = known(body, STARTED)
    return answer, answer.data.started if answer.data else None


def finished(graph: Graph, operation: str) -> Operation:
    """Wait until an export is done; RetryLater where that takes too long, BadAnswer where it failed."""
    ends, pause = graph.clock.steady() + LONGEST_WAIT_S, 0.5
    while True:
        told = graph.ask(documents.BULK_STATE, {"id": operation}, told_state)
        if told is not None and told.status == "COMPLETED":
            return told
        if told is None or told.status not in UNDER_WAY:
            raise BadAnswer(what=f"{documents.BULK_STATE.label}: the shop's export came to nothing.")
        if graph.clock.steady() + pause > ends:
            what = f"{documents.BULK_STATE.label}: the shop's export takes longer than half an hour."
            raise RetryLater(what, after=600, next="The next run asks again.")
        graph.clock.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_S)


def told_state(body: bytes) -> tuple[Beside, Operation | None]:
    """Return an answer of how an export stands."""
    answer = known(body, STATE)
    return answer, answer.data.node if answer.data else None


def known(body: bytes, decoder: msgspec.json.Decoder[A]) -> A:
    """Return an answer; Malformed for what is none."""
    try:
        answer = decode(body, decoder)
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from None
    if answer.data is None:
        empty(answer)
    return answer


def download(graph: Graph, operation: Operation) -> list[bytes]:
    """Return the lines of an export's file; BadAnswer unless it lies where such files do, and is as large as the shop says."""
    url, size = operation.url or "", str(operation.file_size)
    place = urlsplit(url)
    is_home = place.scheme == "http" and is_loopback(place.hostname or "") and url.startswith(f"{graph.home}/")
    is_known = place.scheme == "https" and place.netloc in HOSTS
    if not (is_home or is_known) or not PATH.fullmatch(place.path):
        raise BadAnswer(what=f"{documents.BULK_FILE.label}: the shop's file lies where none should.")
    door = graph.opening(f"{place.scheme}://{place.netloc}")
    try:
        params = dict(parse_qsl(place.query, keep_blank_values=True))
        return door.get(documents.BULK_FILE.at(place.path), params, lambda body: lines_of(body, size)).needed()
    finally:
        door.close()


def lines_of(body: bytes, size: str) -> list[bytes]:
    """Return the lines of a file; Malformed where it is of another size than the shop says, so that it is asked for again."""
    if str(len(body)) != size:
        message = f"{len(body)} bytes of {size}"
        raise Malformed(message)
    return [one for one in body.splitlines() if one.strip()]


def grown(lines: Sequence[bytes]) -> list[Grown]:
    """Return rows with those within them; BadAnswer for a line that is none, or that names a parent which is not there."""
    roots: dict[str, Grown] = {}
    parts: list[tuple[str, bytes]] = []
    for line in lines:
        try:
            told = decode(line, LINE)
        except (Malformed, msgspec.ValidationError):
            raise BadAnswer(what=f"{documents.BULK_FILE.label}: a line of the file is no row.") from None
        if told.parent is None:
            roots[told.id] = Grown(told.id, line, [])
        else:
            parts.append((told.parent, line))
    for parent, line in parts:
        if parent not in roots:
            raise BadAnswer(what=f"{documents.BULK_FILE.label}: a line names a parent that is not there.")
        roots[parent].parts.append(line)
    return list(roots.values())
