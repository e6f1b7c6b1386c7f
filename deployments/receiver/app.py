"""The receiver's application: `/health`, hooks, the warehouse API, the links in mails, and plain answers to what goes wrong."""

import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from deployments.receiver.hooks import hooks_router
from deployments.receiver.links import links_router
from deployments.receiver.sizes import Limited
from deployments.receiver.warehouse import warehouse_router
from fillrate.errors import Conflict, FillrateError, NotFound, StopRun
from fillrate.steps.desk import Desk

ONE = sa.select(sa.literal(1))
STATUS: dict[type[FillrateError], int] = {NotFound: 404, Conflict: 409, StopRun: 503}
NEXT = {
    401: "Send the token of the settings: Authorization: Bearer TOKEN.",
    404: "See /openapi.json for what there is.",
    405: "See /openapi.json for what there is.",
    422: "Mend it and send it again; nothing was done.",
    500: "Report it with what standard error says.",
}


def receiver(desk: Desk) -> FastAPI:
    """Return the application for one merchant; without a token the warehouse API is off."""
    app = FastAPI(
        title="Fillrate",
        description="What a warehouse takes from Fillrate and tells it.",
        version="1",
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(Limited)
    app.add_exception_handler(FillrateError, told_plainly)
    app.add_exception_handler(RequestValidationError, not_valid)
    app.add_exception_handler(HTTPException, refused)

    @app.get("/health", tags=["health"], summary="Whether the receiver and its database are there")
    def health() -> dict[str, str]:
        with desk.db.read() as reading:
            reading.scalar(ONE)
        return {"status": "ok"}

    if any(shop.hooks is not None for shop in desk.shops.values()):
        app.include_router(hooks_router(desk))
    if desk.settings.receiver.warehouse_token.get_secret_value():
        app.include_router(warehouse_router(desk))
    if desk.settings.mail is not None and desk.settings.mail.link_secrets:
        app.include_router(links_router(desk))
    return app


def told_plainly(request: Request, error: Exception) -> JSONResponse:
    """Answer with what happened and what to do next."""
    code = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    what, to_do = (error.what, error.next) if isinstance(error, FillrateError) else ("A defect.", NEXT[500])
    headers = {"Retry-After": "5"} if code == 503 else None
    return JSONResponse({"error": {"what": what, "next": to_do}}, code, headers)


def refused(request: Request, error: Exception) -> JSONResponse:
    """Answer what FastAPI or a route refuses in the same words as everything else."""
    code, what, headers = (
        (error.status_code, str(error.detail), error.headers)
        if isinstance(error, HTTPException)
        else (500, "A defect.", None)
    )
    return JSONResponse({"error": {"what": what, "next": NEXT.get(code, "")}}, code, dict(headers or {}))


def not_valid(request: Request, error: Exception) -> JSONResponse:
    """Answer in plain words what of a request cannot be used; nothing of it was done."""
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found]
    what = f"The request cannot be used: {'; '.join(wrong)}."
    return JSONResponse({"error": {"what": what, "next": NEXT[422]}}, 422)
