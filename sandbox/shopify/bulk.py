"""Bulk operations: a query without pages is read as a whole, and its rows are a file of JSON lines some polls later."""

import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    validate,
    visit,
)

from sandbox.shopify import ids
from sandbox.shopify.schema import schema
from sandbox.shopify.things import Context, Thing
from sandbox.times import iso_zulu

MOST_CONNECTIONS, DEEPEST, AT_ONCE, DAYS_7 = 5, 2, 5, 7 * 86_400
UNFINISHED = ("CREATED", "RUNNING")


class Unfit(Exception):
    """A query that cannot be run in bulk."""


class _Counter(Visitor):
    """Counts the connections of a query and how deep they lie in each other."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info
        self._inside: list[bool] = []
        self.count = self.deepest = 0

    def enter_field(self, _: FieldNode, *__: Any) -> None:
        kind = get_named_type(self._info.get_type())
        is_connection = kind is not None and kind.name.endswith("Connection")
        self._inside.append(is_connection)
        self.count += is_connection
        self.deepest = max(self.deepest, sum(self._inside))

    def leave_field(self, *_: Any) -> None:
        self._inside.pop()


def _read(context: Context, text: str) -> DocumentNode:
    """The query as a document. Raises Unfit."""
    try:
        document = parse(text)
    except GraphQLError as error:
        raise Unfit(f"Invalid bulk query: {error.message}") from error
    wrong = validate(schema(context.version), document)
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if wrong:
        raise Unfit(f"Invalid bulk query: {wrong[0].message}")
    if len(operations) != 1 or operations[0].operation != OperationType.QUERY:
        raise Unfit("Invalid bulk query: exactly one query is needed.")
    info = TypeInfo(schema(context.version))
    counter = _Counter(info)
    visit(document, TypeInfoVisitor(info, counter))
    if not counter.count:
        raise Unfit("Bulk queries must contain at least one connection.")
    if counter.count > MOST_CONNECTIONS:
        raise Unfit(f"Bulk queries cannot contain more than {MOST_CONNECTIONS} connections.")
    if counter.deepest > DEEPEST:
        raise Unfit("Bulk queries cannot contain connections with a nesting depth greater than 2.")
    return document


def _nodes(value: Any) -> list[dict[str, Any]] | None:
    """The rows of a connection; None for what is none."""
    if not isinstance(value, dict) or not value or not set(value) <= {"edges", "nodes", "pageInfo"}:
        return None
    if "nodes" in value:
        return list(value["nodes"])
    return [edge["node"] for edge in value.get("edges", [])]


def _rows(value: Mapping[str, Any], parent: str | None) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows below a record, with their depth: each connection in it gives rows of their own, which name their parent."""
    for child in value.values():
        found = _nodes(child)
        if found is None:
            yield from _rows(child, parent) if isinstance(child, dict) else ()
            continue
        for node in found:
            own = {name: part for name, part in node.items() if _nodes(part) is None}
            nested = len(own) < len(node)
            if nested and "id" not in node:
                raise Unfit("The parent of a nested connection must select its id.")
            yield (0 if parent is None else 1), {**own, **({} if parent is None else {"__parentId": parent})}
            for _, row in _rows(node, node.get("id")):
                yield 1, row


def _lines(data: Mapping[str, Any], *, grouped: bool, chance: Random) -> tuple[list[dict[str, Any]], int]:
    """The rows of a file and how many of them are roots. Unless grouped, a child comes somewhere behind its parent."""
    rows = list(_rows(data, None))
    roots = [row for depth, row in rows if not depth]
    if grouped:
        return [row for _, row in rows], len(roots)
    children = [row for depth, row in rows if depth]
    chance.shuffle(children)
    return [*roots, *children], len(roots)


def run_query(context: Context, _: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """`bulkOperationRunQuery`."""
    state = context.shop.state
    known: dict[int, dict[str, Any]] = state.own.setdefault("bulk", {})

    def refused(code: str, message: str) -> dict[str, Any]:
        return {"bulkOperation": None, "userErrors": [{"code": code, "field": ["query"], "message": message}]}

    if sum(one["status"] in UNFINISHED for one in known.values()) >= AT_ONCE:
        return refused("LIMIT_REACHED", "Bulk operations limit reached. Please try again later.")
    try:
        document = _read(context, arguments["query"])
        data = context.shop.read_whole(context, document)
        grouped = bool(arguments.get("groupObjects"))
        rows, roots = _lines(data, grouped=grouped, chance=Random(len(known)))
    except Unfit as unfit:
        return refused("INVALID", str(unfit))
    made_id = state.fresh_id("bulk")
    text = "".join(json.dumps(row, separators=(",", ":"), ensure_ascii=False) + "\n" for row in rows)
    known[made_id] = {
        "id": made_id,
        "query": arguments["query"],
        "status": "CREATED",
        "created": state.clock.now(),
        "completed": 0,
        "text": text,
        "objects": len(rows),
        "roots": roots,
    }
    return {"bulkOperation": Thing("BulkOperation", known[made_id]), "userErrors": []}


def cancel(context: Context, _: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """`bulkOperationCancel`."""
    row = context.shop.state.own.get("bulk", {}).get(ids.own_id(arguments["id"], "BulkOperation"))
    if row is None or row["status"] not in UNFINISHED:
        message = (
            "Bulk operation does not exist"
            if row is None
            else "A bulk operation cannot be canceled when it is completed"
        )
        return {"bulkOperation": None, "userErrors": [{"field": ["id"], "message": message}]}
    row["status"] = "CANCELED"
    return {"bulkOperation": Thing("BulkOperation", row), "userErrors": []}


def poll(context: Context, thing: Thing | None) -> Thing | None:
    """An operation as it is looked at, by which it goes on."""
    if thing is None or thing.sort != "BulkOperation":
        return thing
    row, state = thing.row, context.shop.state
    if row["status"] == "RUNNING":
        row["status"], row["completed"] = "COMPLETED", state.clock.now()
    elif row["status"] == "CREATED":
        row["status"] = "RUNNING"
    return thing


def current(context: Context) -> Thing | None:
    """The latest operation."""
    known = context.shop.state.own.get("bulk", {})
    return poll(context, Thing("BulkOperation", known[max(known)])) if known else None


def _done(row: Mapping[str, Any]) -> bool:
    return bool(row["status"] == "COMPLETED")


def file_of(context_shop: Any, own_id: int) -> str | None:
    """The lines of an operation that is done, for seven days."""
    row = context_shop.state.own.get("bulk", {}).get(own_id)
    if row is None or not _done(row) or context_shop.state.clock.now() > row["completed"] + DAYS_7:
        return None
    return str(row["text"])


def _url(context: Context, row: Mapping[str, Any]) -> str | None:
    return f"{context.shop.home}/bulk/{row['id']}.jsonl" if _done(row) and row["text"] else None


FIELDS: dict[str, Any] = {
    "BulkOperation": {
        "id": lambda _, thing, __: ids.gid("BulkOperation", thing.row["id"]),
        "completedAt": lambda _, thing, __: iso_zulu(thing.row["completed"]) if _done(thing.row) else None,
        "createdAt": lambda _, thing, __: iso_zulu(thing.row["created"]),
        "errorCode": lambda _, __, ___: None,
        "fileSize": lambda _, thing, __: str(len(thing.row["text"].encode())) if _done(thing.row) else None,
        "objectCount": lambda _, thing, __: str(thing.row["objects"] if _done(thing.row) else 0),
        "partialDataUrl": lambda _, __, ___: None,
        "query": lambda _, thing, __: thing.row["query"],
        "rootObjectCount": lambda _, thing, __: str(thing.row["roots"] if _done(thing.row) else 0),
        "status": lambda _, thing, __: thing.row["status"],
        "type": lambda _, __, ___: "QUERY",
        "url": lambda context, thing, _: _url(context, thing.row),
    }
}
