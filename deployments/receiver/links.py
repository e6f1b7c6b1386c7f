"""What a customer sees who opens a link in a mail, and how his answer comes in.

Opening a link changes nothing, since mail scanners open links; only the form's button does. A token is worth an answer:
it goes into no log, no cache and no referrer.
"""

import logging
from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from fillrate.report.answer_page import HEADERS, Waits, answer_page
from fillrate.steps.answers import Look, keep_answer, look
from fillrate.steps.desk import Desk

PATH = "/a/"
STATUS = {"bad": 404, "expired": 410}
ACCESS_LOG = "uvicorn.access"


class WithoutTokens(logging.Filter):
    """Takes tokens out of what the server logs of requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record where its path holds a token."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                f"{PATH}…" if isinstance(one, str) and one.startswith(PATH) else one for one in record.args
            )
        return True


def links_router(desk: Desk) -> APIRouter:
    """Return the pages behind the links in mails."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    log = logging.getLogger(ACCESS_LOG)
    if not any(isinstance(one, WithoutTokens) for one in log.filters):
        log.addFilter(WithoutTokens())

    @router.get(PATH + "{token}")
    def ask_once_more(token: str) -> HTMLResponse:
        return shown(desk, look(desk, token))

    @router.post(PATH + "{token}")
    def answered(token: str) -> HTMLResponse:
        return shown(desk, keep_answer(desk, token))

    return router


def shown(desk: Desk, what: Look) -> HTMLResponse:
    """Return the page in the language of the mails."""
    store, mail = desk.settings.store, desk.settings.mail
    content = answer_page(
        what.page,
        choice=what.choice,
        store=store.name,
        order=what.order,
        lines=[Waits(one.quantity, one.name or one.sku, one.ship_by) for one in what.lines],
        until=what.expires_at - timedelta(minutes=1) if what.expires_at else None,
        timezone=store.timezone,
        language=mail.language if mail else "en",
    )
    return HTMLResponse(content, status_code=STATUS.get(what.page, 200), headers=HEADERS)
