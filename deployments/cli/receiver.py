"""`fillrate receiver`: what others tell Fillrate over HTTP, until Ctrl-C."""

from typing import Annotated

import typer

from fillrate.bootstrap import open_desk


def receiver(
    host: Annotated[str | None, typer.Option(help="Address to listen at; [receiver] host unless given.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen at; [receiver] port unless given.")] = None,
) -> None:
    """Serve the warehouse API and the links in mails, until Ctrl-C."""
    import uvicorn

    from deployments.receiver.app import receiver as application

    with open_desk() as desk:
        told = desk.settings.receiver
        uvicorn.run(application(desk), host=host or told.host, port=port or told.port, access_log=False)
