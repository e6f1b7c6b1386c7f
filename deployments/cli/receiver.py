"""`fillrate receiver`: what others tell Fillrate over HTTP, until Ctrl-C."""

import socket
from contextlib import suppress
from typing import Annotated

import typer

from fillrate.bootstrap import open_desk
from fillrate.errors import FixSettings


def receiver(
    host: Annotated[str | None, typer.Option(help="Address to listen at; [receiver] host unless given.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen at; [receiver] port unless given.")] = None,
) -> None:
    """Take shops' hooks, and serve the warehouse API and the links in mails, until Ctrl-C."""
    import uvicorn

    from deployments.receiver.app import receiver as application
    from deployments.receiver.starter import Starter, errands_of

    with open_desk() as desk:
        told = desk.settings.receiver
        where = (host or told.host, port or told.port)
        refuse_taken(*where)
        with Starter(errands_of(desk)):
            uvicorn.run(application(desk), host=where[0], port=where[1], access_log=False)


def refuse_taken(host: str, port: int) -> None:
    """Raise FixSettings where somebody listens already at the receiver's place."""
    with suppress(OSError), socket.create_connection((host, port), timeout=2):
        what = f"Port {port} of {host}, where the receiver listens, is in use."
        raise FixSettings(what, next="End what listens there, or choose another port in [receiver].")
