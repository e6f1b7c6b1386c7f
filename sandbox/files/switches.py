"""How such a place may be, since no two are alike; the first of each is the likelier.

* `auth`: Basic with a name and a password, or a bearer token
* `delimiter`, `encoding`, `decimal`: how its CSV files are written, and how it reads those that it is given
* `counts`: the number is what may still be sold, or what lies there (and what is reserved of it stands beside it)
* `exports`: files are written at every change, or only every 15 minutes
* `takes`: a file that was put is taken at once, or some requests or minutes later
* `validators`: what an answer says by which the same file is known again
"""

from typing import Any

CHOICES: dict[str, tuple[Any, ...]] = {
    "auth": ("basic", "token"),
    "delimiter": (",", ";", "\t"),
    "encoding": ("utf-8", "utf-8-sig", "cp1252", "utf-16"),
    "decimal": (".", ","),
    "counts": ("sellable", "on_hand"),
    "exports": ("at_once", "quarter_hour"),
    "takes": ("at_once", "later"),
    "validators": ("both", "etag", "last_modified", "none"),
}
