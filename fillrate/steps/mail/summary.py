"""How mails stand: which wait, and which are in doubt."""

from typing import Any

from fillrate.db.database import Reading
from fillrate.db.queries import mails as queries
from fillrate.steps.mail.notices import mail_key


def mails(reading: Reading, limit: int) -> dict[str, Any]:  # Any: JSON
    """Return mails in doubt and those to be tried again, the latest first."""
    found = {state: queries.in_state(reading, (state,), limit) for state in ("unknown", "parked")}
    return {
        state: [
            {
                "key": mail_key(row.channel, row.target),
                "tries": row.attempts,
                "answer": row.answer,
                "since": row.changed_at.isoformat(),
            }
            for row in rows
        ]
        for state, rows in found.items()
    }
