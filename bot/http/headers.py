"""Security and caching headers of every response."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NO_STORE = "no-store"
# The pages use a microphone, if the reader speaks a question, and no other device.
_PERMISSIONS = "camera=(), display-capture=(), geolocation=(), microphone=(self), payment=(), usb=()"


class SecurityHeaders:
    """Middleware that sets `nosniff`, permissions, framing, and `no-store` unless the response is a cacheable file.

    Only this site may frame a response, unless its policy names other sites (the pages that may be embedded).
    Pages for signed-in people that ask for `no-cache` get `no-store` instead.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                headers["x-content-type-options"] = "nosniff"
                headers["permissions-policy"] = _PERMISSIONS
                if "://" not in headers.get("content-security-policy", "").partition("frame-ancestors")[2]:
                    headers["x-frame-options"] = "SAMEORIGIN"
                caching = headers.get("cache-control")
                is_file = "etag" in headers or "last-modified" in headers
                is_private = caching is None or (caching == "no-cache" and "person" in scope)
                if is_private and not is_file:
                    headers["cache-control"] = NO_STORE
            await send(message)

        await self._app(scope, receive, send_with_headers)
