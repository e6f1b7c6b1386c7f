"""What a run did, in one sentence and as an artifact for the people who watch it."""

from collections.abc import Mapping, Sequence

from fillrate.report.markdown import escape, table
from fillrate.report.texts import TEXTS, text

QUIET = "_unchanged"
LONGEST_TITLE = 120


def worded(name: str, n: int) -> str:
    """Return what was counted under a name such as `orders_new`, in words; one is one order."""
    subject, _, kind = name.partition("_")
    one, many = TEXTS["one"].get(subject, subject.removesuffix("s")), TEXTS["many"].get(subject, subject)
    return f"{one if n == 1 else many} {TEXTS['count'].get(kind) or kind.replace('_', ' ')}"


def counted(counts: Mapping[str, int]) -> str:
    """Return counts as one sentence; what did not change is left out."""
    told = [f"{n:,} {worded(name, n)}" for name, n in sorted(counts.items()) if n and not name.endswith(QUIET)]
    return f"{', '.join(told)}." if told else "Nothing changed."


def run_title(flow: str, channel: str, counts: Mapping[str, int], state: str) -> str:
    """Return a name for a run that says what it did, short enough for a list."""
    how = "" if state == "done" else f", {text('run_state', state)}"
    title = f"{flow} of {channel}{how}: {counted(counts).removesuffix('.')}"
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"


def sync_artifact(
    title: str,
    counts: Mapping[str, int],
    rejected: Sequence[tuple[str, str, str]],
) -> str:
    """Return what was read, and what could not be; `rejected` is (what, id, why)."""
    parts = [f"## {escape(title)}"]
    rows = [(worded(name, n), n) for name, n in sorted(counts.items()) if n]
    parts.append(table(("what", "how many"), rows) if rows else "Nothing was read.")
    if rejected:
        parts.append("### Could not be read\nMend these in the shop; the next read takes them in.")
        parts.append(table(("what", "id", "why"), rejected))
    return "\n\n".join(parts)


def problem_artifact(title: str, problems: Sequence[Mapping[str, str]]) -> str:
    """Return what went wrong in a run and what to do."""
    return f"## {escape(title)}\n\n{problem_part(problems)}"


def problem_part(problems: Sequence[Mapping[str, str]]) -> str:
    """Return what went wrong and what to do."""
    return "### Problems\n" + "\n".join(
        f"* **{escape(one['where'])}** {escape(one['what'])} {escape(one['next'])}" for one in problems
    )


def plan_artifact(
    plan: Mapping[str, str], changes: Sequence[tuple[str, str, str, str]], total: int, decide: str | None = None
) -> str:
    """Return a plan with its first changes (on what, from what to what, why, state) and what to do about it.

    `decide` is Markdown that says where it is decided: None for the commands, "" for nothing, where one is there already.
    """
    how_many = "1 change" if total == 1 else f"{total:,} changes"
    start = plan["hash"][:32]  # the whole of it is wider than the form in Prefect's UI
    parts = [f"## Plan {escape(plan['id'])}: {escape(plan['state'])}", f"{how_many}, hash `{start}…`"]
    if plan["waits_because"]:
        parts.append(f"**It waits:** {escape(plan['waits_because'])}")
        commands = f"To let it through: `fillrate approve {plan['id']}` · To refuse it: `fillrate reject {plan['id']}`"
        parts += [one for one in [commands if decide is None else decide] if one]
    parts.append(table(("on", "what", "why", "state"), changes))
    if total > len(changes):
        parts.append(f"… and {total - len(changes):,} more: `fillrate show {plan['id']} --json` lists all.")
    return "\n\n".join(parts)


def supply_artifact(
    title: str,
    suppliers: Sequence[Mapping[str, object]],
    overdue: Sequence[Mapping[str, object]],
    slipped: Sequence[Sequence[object]],
    bad: Sequence[tuple[str, str, str]],
) -> str:
    """Return what is on its way by supplier, what of it is overdue, what a run learnt to come later, and bad rows."""
    parts = [f"## {escape(title)}"]
    head = (
        "supplier",
        "lines",
        "units",
        "next",
        "overdue",
        "deliveries",
        "days late: median",
        "90 %",
        "from order: median",
        "90 %",
    )
    rows = [tuple(shown(value) for value in one.values()) for one in suppliers]
    parts.append(table(head, rows) if rows else "Nothing is on its way.")
    if overdue:
        parts.append("### Overdue\nAsk the supplier; where nothing is said, such a delivery may come on any day.")
        columns = ("reference", "SKU", "supplier", "units", "expected", "days over", "surely by")
        parts.append(table(columns, [tuple(shown(value) for value in one.values()) for one in overdue]))
    if slipped:
        parts.append("### Slipped in this run")
        parts.append(
            table(
                ("reference", "SKU", "supplier", "units", "expected before", "now"),
                [[shown(one) for one in row] for row in slipped],
            )
        )
    if bad:
        parts.append("### Could not be used\nMend these in the files; the next run reads them again.")
        parts.append(table(("feed", "where", "why"), bad))
    return "\n\n".join(parts)


def shown(value: object) -> object:
    """Return a value for a table, nothing as a dash."""
    return "–" if value is None else value
