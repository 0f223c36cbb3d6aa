"""Security and caching headers of every response."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NO_STORE = "no-store"


class SecurityHeaders:
    """Middleware that sets `nosniff` on every response, and `no-store` unless the response is a cacheable file.

    Pages for signed-in people that ask for `no-cache` get `no-store` instead.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                headers["x-content-type-options"] = "nosniff"
                caching = headers.get("cache-control")
                is_file = "etag" in headers or "last-modified" in headers
                is_private = caching is None or (caching == "no-cache" and "person" in scope)
                if is_private and not is_file:
                    headers["cache-control"] = NO_STORE
            await send(message)

        await self._app(scope, receive, send_with_headers)
