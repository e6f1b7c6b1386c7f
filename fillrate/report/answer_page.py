"""The page behind a link in a mail: the question once more with one button, or what became of it."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from html import escape
from typing import NamedTuple

from fillrate.report.messages.words import clean, day, moment

STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem;color:#222}"
    "button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:.3rem;background:#1a5;color:#fff;cursor:pointer}"
    ".cancel button{background:#b33}li{margin:.3rem 0}"
)
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
WORDS = {
    "en": {
        "title": "Your order {order}",
        "ask_keep": "You will wait for this part of your order:",
        "ask_cancel": "Please cancel this part of your order:",
        "button_keep": "Yes, I will wait",
        "button_cancel": "Cancel it",
        "until": "You can answer until {deadline}.",
        "line": "{quantity} × {name}",
        "ships": ", ships by {day}",
        "undated": ", no date yet",
        "kept_keep": "Thank you. We keep it for you.",
        "kept_cancel": "We have noted that you want it cancelled, and write to you once it is done.",
        "answered_keep": "You have answered already: you will wait. To change that, please write to us.",
        "answered_cancel": "You have answered already: you want it cancelled. To change that, please write to us.",
        "over": "Nothing of this waits any more: it was shipped or cancelled meanwhile.",
        "expired": "The time to answer is over. Please write to us.",
        "bad": "This link is not valid. Please use it as it stands in the mail, or write to us.",
    },
    "de": {
        "title": "Ihre Bestellung {order}",
        "ask_keep": "Sie warten auf diesen Teil Ihrer Bestellung:",
        "ask_cancel": "Bitte stornieren Sie diesen Teil meiner Bestellung:",
        "button_keep": "Ja, ich warte",
        "button_cancel": "Stornieren",
        "until": "Sie können bis {deadline} antworten.",
        "line": "{quantity} × {name}",
        "ships": ", wird bis zum {day} verschickt",
        "undated": ", noch ohne Termin",
        "kept_keep": "Danke. Wir behalten es für Sie vor.",
        "kept_cancel": "Wir haben notiert, dass Sie stornieren möchten, und schreiben Ihnen, sobald es geschehen ist.",
        "answered_keep": "Sie haben schon geantwortet: Sie warten. Wenn Sie das ändern möchten, schreiben Sie uns bitte.",
        "answered_cancel": "Sie haben schon geantwortet: Sie möchten stornieren. Wenn Sie das ändern möchten, schreiben Sie uns "
        "bitte.",
        "over": "Hiervon wartet nichts mehr: Es wurde inzwischen verschickt oder storniert.",
        "expired": "Die Zeit für eine Antwort ist vorbei. Bitte schreiben Sie uns.",
        "bad": "Dieser Link ist nicht gültig. Bitte benutzen Sie ihn so, wie er in der E-Mail steht, oder schreiben Sie uns.",
    },
}


class Waits(NamedTuple):
    """Units of one line that a question is about, and the day that was told."""

    quantity: int
    name: str
    ship_by: date | None


def answer_page(
    page: str,
    *,
    choice: str = "",
    store: str,
    order: str = "",
    lines: Sequence[Waits] = (),
    until: datetime | None = None,
    timezone: str = "UTC",
    language: str = "en",
) -> str:
    """Return the page (ask, kept, answered, over, expired or bad) as HTML; in English where the language has no words."""
    spoken = language if language in WORDS else "en"
    words = WORDS[spoken]
    key = f"{page}_{choice}" if page in {"ask", "kept", "answered"} else page
    parts = [f"<p>{escape(words[key])}</p>"]
    if page == "ask":
        parts += ["<ul>", *(f"<li>{escape(line_words(words, one, spoken))}</li>" for one in lines), "</ul>"]
        button = escape(words[f"button_{choice}"])
        parts.append(f'<form method="post" class="{choice}"><button type="submit">{button}</button></form>')
        if until is not None:
            parts.append(f"<p>{escape(words['until'].format(deadline=moment(until, timezone, spoken)))}</p>")
    title = escape(words["title"].format(order=clean(order, 40))) if order else escape(clean(store, 80))
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    body = f"<h1>{title}</h1>{''.join(parts)}<p>{escape(clean(store, 80))}</p>"
    return f'<!doctype html><html lang="{spoken}"><head>{head}<style>{STYLE}</style></head><body>{body}</body></html>'


def line_words(words: dict[str, str], one: Waits, language: str) -> str:
    """Return one line in words."""
    when = words["ships"].format(day=day(one.ship_by, language)) if one.ship_by else words["undated"]
    return words["line"].format(quantity=one.quantity, name=clean(one.name)) + when
