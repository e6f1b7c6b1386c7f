"""What a run did, in one sentence and as an artifact for the people who watch it."""

from collections.abc import Mapping, Sequence

from fillrate.report.markdown import escape, table

COUNTED = {
    "new": "new",
    "changed": "changed",
    "unchanged": "unchanged",
    "older": "older than known",
    "rejected": "rejected",
    "resolved": "read after all",
    "missing": "missing from the shop",
    "deleted": "deleted",
    "discontinued": "discontinued",
    "matched": "matched to an item",
    "read": "read",
    "counted": "counted anew",
    "moved": "moved",
    "backlog": "with stock set aside",
    "backorder": "waiting for stock",
    "skipped": "not orders yet",
}
NAMES = {
    "skipped_unpaid_checkouts": "unfinished checkouts passed over",
    "units_lost_their_stock": "units lost their stock",
    "changes_done": "changes written",
    "changes_failed": "changes refused",
    "changes_stale": "changes to plan anew",
    "changes_unknown": "changes not confirmed",
}
QUIET = {"unchanged"}


def worded(name: str) -> str:
    """Return a count's name in words."""
    for key, words in NAMES.items():
        if name.endswith(key):
            return words
    subject, _, kind = name.rpartition("_")
    return f"{subject.replace('_', ' ')} {COUNTED.get(kind, kind)}"


def counted(counts: Mapping[str, int]) -> str:
    """Return counts as one sentence; what did not change is left out."""
    told = [f"{n:,} {worded(name)}" for name, n in sorted(counts.items()) if n and name.rpartition("_")[2] not in QUIET]
    return f"{', '.join(told)}." if told else "Nothing changed."


def run_title(flow: str, channel: str, counts: Mapping[str, int], state: str) -> str:
    """Return a name for a run that says what it did, short enough for a list."""
    told = counted(counts).rstrip(".")
    title = f"{flow} of {channel}: {told}" if state == "done" else f"{flow} of {channel}, {state}: {told}"
    return title if len(title) <= 120 else f"{title[:119]}…"


def sync_artifact(
    title: str,
    counts: Mapping[str, int],
    problems: Sequence[Mapping[str, str]],
    rejected: Sequence[tuple[str, str, str]],
) -> str:
    """Return what was read, what could not be, and what went wrong; `rejected` is (what, id, why)."""
    parts = [f"## {escape(title)}"]
    parts += [problem_part(problems)] if problems else []
    parts.append(table(("what", "how many"), [(worded(name), f"{n:,}") for name, n in sorted(counts.items()) if n]))
    if rejected:
        parts.append("### Could not be read\nMend these in the shop; the next read takes them in.")
        parts.append(table(("what", "id", "why"), rejected))
    return "\n\n".join(parts)


def problem_part(problems: Sequence[Mapping[str, str]]) -> str:
    """Return what went wrong and what to do."""
    return "### Problems\n" + "\n".join(
        f"* **{escape(one['where'])}** {escape(one['what'])} {escape(one['next'])}" for one in problems
    )


def plan_artifact(plan: Mapping[str, str], changes: Sequence[tuple[str, str, str]], total: int) -> str:
    """Return a plan with its changes (on what, why, state) and what to do about it."""
    parts = [f"## Plan {escape(plan['id'])}: {escape(plan['state'])}", f"`{plan['hash']}`, {total:,} changes."]
    if plan["waits_because"]:
        parts.append(f"**It waits:** {escape(plan['waits_because'])}")
        parts.append(
            f"To let it through: `fillrate approve {plan['id']}` · To refuse it: `fillrate reject {plan['id']}`"
        )
    return "\n\n".join([*parts, table(("on", "why", "state"), changes)])


def queue_artifact(title: str, rows: Sequence[tuple[str, str, int, int, str]]) -> str:
    """Return what is owed: state, why, units, lines, oldest."""
    return "\n\n".join([f"## {escape(title)}", table(("state", "why", "units", "lines", "oldest"), rows)])
