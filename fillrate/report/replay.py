"""What a replay tells, in sentences."""

from typing import Any

from fillrate.report.compare import NAMES


def as_text(found: dict[str, Any]) -> list[str]:  # Any: JSON of `steps.replay`
    """Return it for a terminal."""
    promises = found["promises"]
    kept = "none is due" if promises["share_kept"] is None else f"{promises['share_kept']:.1%} kept"
    slip = promises["mean_slip_days"]
    return [
        f"{found['orders']:,} orders with {found['lines']:,} lines and {found['units']:,} units in {found['days']:,} days; "
        f"policy: {NAMES[found['policy']]}.",
        f"Filled at once:    {shares(found['at_once'])}",
        f"Filled in the end: {shares(found['in_the_end'])}",
        f"Backorder-days:    {found['backorder_days']:,} (units that wait, summed over the days)",
        f"Promises:          {promises['due']:,} due, {kept}, {promises['broken']:,} broken"
        + (f"; {slip:+.2f} days on average" if slip is not None else ""),
        f"{found['left_out']:,} rows of the file are no sale (returns, prices of nothing, what cannot be read).",
    ]


def shares(rates: dict[str, float]) -> str:
    """Return the fill rates by unit, line and order."""
    return ", ".join(f"{rates[name]:.1%} of {name}" for name in ("units", "lines", "orders"))
