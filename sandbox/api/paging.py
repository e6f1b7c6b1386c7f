"""Pages of v3 lists: `meta.pagination`, cursors where the list has them, and the choice of fields."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from typing import Any

from sandbox.api.call import Call, Page
from sandbox.errors import Refusal
from sandbox.exchange import Response, answer


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


def paged(call: Call, ids: Sequence[int], show: Callable[[Sequence[int]], list[Any]], maximum: int | None) -> Response:
    """One page of a list, by number."""
    page = call.page(maximum)
    start = page.start(call.shift)
    data = choose_fields(call, show(ids[start : start + page.limit]))
    return answer({"data": data, "meta": {"pagination": pagination(call, page, len(ids), len(data))}})


def cursor_of(row_id: int) -> str:
    """The cursor that stands for a row."""
    return b64encode(f"id:{row_id}".encode()).decode()


def _position(call: Call, ids: Sequence[int], name: str) -> int:
    try:
        row_id = int(b64decode(call.params[name], validate=True).decode().removeprefix("id:"))
        return ids.index(row_id)
    except (ValueError, UnicodeDecodeError) as error:
        raise Refusal(422, f"The cursor {name} is not valid.") from error


def cursor_paged(
    call: Call, ids: Sequence[int], show: Callable[[Sequence[int]], list[Any]], maximum: int | None
) -> Response:
    """One page of a list that also walks by `after` and `before`; a cursor makes `page` be ignored."""
    page = call.page(maximum)
    if "after" in call.params:
        start = _position(call, ids, "after") + 1
    elif "before" in call.params:
        start = max(0, _position(call, ids, "before") - page.limit)
    else:
        start = page.start(call.shift)
    chosen = list(ids[start : start + page.limit])
    data = choose_fields(call, show(chosen))
    cursor: dict[str, Any] = {"count": len(data), "per_page": page.limit, "links": {}}
    if chosen:
        cursor |= {"start_cursor": cursor_of(chosen[0]), "end_cursor": cursor_of(chosen[-1])}
        if start:
            cursor["links"]["previous"] = f"?before={cursor['start_cursor']}&limit={page.limit}"
        if start + page.limit < len(ids):
            cursor["links"]["next"] = f"?after={cursor['end_cursor']}&limit={page.limit}"
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
