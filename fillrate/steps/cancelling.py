"""What staff is asked to cancel: by the rules for delays, or since the customer wants it. Nothing is cancelled by itself."""

from typing import Any

from fillrate.db.database import Reading
from fillrate.db.queries.delays import asked_to_cancel as rows_of
from fillrate.report.money import money

Json = dict[str, Any]  # Any: plain values


def asked_to_cancel(reading: Reading) -> list[Json]:
    """Return the lines, each with who asks ("customer" or "rule"), its units, their value, and the command that gives them up."""
    return [
        {
            "order": f"{row.channel}:{row.order}",
            "line": row.line,
            "sku": row.sku,
            "units": row.units,
            "value": money(row.value_e4, row.currency),
            "by": "customer" if row.by_customer else "rule",
            "deadline": None if row.by_customer or row.deadline is None else row.deadline.isoformat(),
            "command": f"fillrate cancel-units line {row.channel}:{row.line} {row.given_up + row.units} --reason TEXT",
        }
        for row in rows_of(reading)
    ]
