"""Security and caching headers of every response."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NO_STORE = "no-store"


class SecurityHeaders:
    """Middleware. Each response forbids guessing its type; one that says nothing of caching may not be stored.

    What somebody who has signed in gets may not be stored either, files that say how long they hold apart.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers to its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                headers["x-content-type-options"] = "nosniff"
                said = headers.get("cache-control")
                is_file = "etag" in headers or "last-modified" in headers
                if (said is None and not is_file) or (said == "no-cache" and "person" in scope and not is_file):
                    headers["cache-control"] = NO_STORE
            await send(message)

        await self._app(scope, receive, safe)
