"""The warehouse API: take pick lists, and tell what was shipped, not found, received and counted."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from fillrate.steps.desk import Desk

Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


def warehouse_router(desk: Desk) -> APIRouter:
    """Return the API's routes; each asks for the token."""
    token = desk.settings.receiver.warehouse_token.get_secret_value().encode()

    def authorized(given: Bearer) -> None:
        told = "" if given is None else given.credentials
        if not secrets.compare_digest(told.encode(), token):
            raise HTTPException(401, "The token is missing or wrong.", {"WWW-Authenticate": "Bearer"})

    return APIRouter(prefix="/warehouse/v1", tags=["warehouse"], dependencies=[Depends(authorized)])
