"""No request is read beyond a size that is ample for what may be told here."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 1_000_000
TOO_LARGE = b'{"error": {"what": "The request is larger than 1 MB.", "next": "Send fewer lines at once."}}'


class TooLarge(Exception):
    """More came than may come."""


class Limited:
    """Answers 413 as soon as a request's body is larger than it may be, whatever the application makes of it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes as long as it is small enough."""
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MOST_BYTES:
                raise TooLarge
            return message

        async def answered(message: Message) -> None:
            if read <= MOST_BYTES:
                await send(message)
            elif message["type"] == "http.response.start":
                await refuse(send)

        try:
            await self.app(scope, counted, answered)
        except TooLarge:  # nothing was answered yet by whoever reads the body as it comes
            await refuse(send)


async def refuse(send: Send) -> None:
    """Say that it is too much, and hang up."""
    head = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": head})
    await send({"type": "http.response.body", "body": TOO_LARGE})
