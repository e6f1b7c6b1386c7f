"""Pages of v3 lists: `meta.pagination`, cursors where the list has them, and the choice of fields."""

from base64 import b64decode, b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from sandbox.api.call import Call, Page
from sandbox.errors import Refusal
from sandbox.exchange import Response, answer, no_content


def pagination(call: Call, page: Page, total: int, count: int) -> dict[str, Any]:
    """The `meta.pagination` object."""
    pages = -(-total // page.limit)
    links = {"current": call.link(page=page.number, limit=page.limit)}
    if page.number > 1:
        links["previous"] = call.link(page=page.number - 1, limit=page.limit)
    if page.number < pages:
        links["next"] = call.link(page=page.number + 1, limit=page.limit)
    return {
        "total": total,
        "count": count,
        "per_page": page.limit,
        "current_page": page.number,
        "total_pages": pages,
        "links": links,
    }


def bare_page(call: Call, rows: Sequence[Any], show: Callable[[Any], Any]) -> Response:
    """One page of a v2 list; an empty one is a 204."""
    page = call.page()
    start = page.start(call.shift)
    chosen = [show(row) for row in rows[start : start + page.limit]]
    return answer(chosen) if chosen else no_content()


def paged(call: Call, ids: Sequence[int], show: Callable[[Sequence[int]], list[Any]], maximum: int | None) -> Response:
    """One page of a list, by number."""
    page = call.page(maximum)
    start = page.start(call.shift)
    data = choose_fields(call, show(ids[start : start + page.limit]))
    return answer({"data": data, "meta": {"pagination": pagination(call, page, len(ids), len(data))}})


def cursor_of(row_id: int) -> str:
    """The cursor that stands for a row."""
    return b64encode(f"id:{row_id}".encode()).decode()


def _around(call: Call, ids: Sequence[int], name: str) -> tuple[int, int]:
    """Where a cursor stands: how many rows come before its own, and where the rows after it begin.

    In a list by id the walk goes on though its row is gone; by another order nobody knows where that was.
    """
    try:
        row_id = int(b64decode(call.params[name], validate=True).decode().removeprefix("id:"))
        if call.params.get("sort", "id") != "id":
            return ids.index(row_id), ids.index(row_id) + 1
    except ValueError as error:
        raise Refusal(422, f"The cursor {name} is not valid.") from error
    if len(ids) > 1 and ids[0] > ids[-1]:
        down = len(ids)
        upward = ids[::-1]
        return down - bisect_right(upward, row_id), down - bisect_left(upward, row_id)
    return bisect_left(ids, row_id), bisect_right(ids, row_id)


def cursor_paged(
    call: Call, ids: Sequence[int], show: Callable[[Sequence[int]], list[Any]], maximum: int | None
) -> Response:
    """One page of a list that also walks by `after` and `before`; a cursor makes `page` be ignored."""
    page = call.page(maximum)
    if "after" in call.params:
        start = _around(call, ids, "after")[1]
        stop = start + page.limit
    elif "before" in call.params:
        stop = _around(call, ids, "before")[0]
        start = max(0, stop - page.limit)
    else:
        start = page.start(call.shift)
        stop = start + page.limit
    chosen = list(ids[start:stop])
    data = choose_fields(call, show(chosen))
    cursor: dict[str, Any] = {"count": len(data), "per_page": page.limit, "links": {}}
    if chosen:
        cursor |= {"start_cursor": cursor_of(chosen[0]), "end_cursor": cursor_of(chosen[-1])}
        if start:
            walk = {"after": None, "before": cursor["start_cursor"]}
            cursor["links"]["previous"] = call.link(page=None, limit=page.limit, **walk)
        if stop < len(ids):
            walk = {"after": cursor["end_cursor"], "before": None}
            cursor["links"]["next"] = call.link(page=None, limit=page.limit, **walk)
    number = Page(start // page.limit + 1, page.limit)
    return answer(
        {
            "data": data,
            "meta": {"pagination": pagination(call, number, len(ids), len(data)), "cursor_pagination": cursor},
        }
    )


def choose_fields(call: Call, rows: list[Any]) -> list[Any]:
    """Apply `include_fields` and `exclude_fields`; ids always stay, and so do included sub-resources."""
    wanted, unwanted = call.csv("include_fields"), call.csv("exclude_fields")
    if wanted is not None:
        keep = {"id", "category_id", *wanted, *(call.csv("include") or [])}
        rows = [{name: value for name, value in row.items() if name in keep} for row in rows]
    if unwanted is not None:
        drop = set(unwanted) - {"id", "category_id"}
        rows = [{name: value for name, value in row.items() if name not in drop} for row in rows]
    return rows
