"""Middleware that compresses Gradio's event stream, event by event."""

import zlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A gzip header and trailer around the data, and the largest window (zlib's `wbits`).
_GZIP = 31


class CompressedEvents:
    """Compresses event streams for clients that accept gzip; each event is flushed at once.

    The events of a stream share a window, so that text which is repeated or grows costs a few bytes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_accepted = scope["type"] == "http" and "gzip" in Headers(scope=scope).get("accept-encoding", "")
        await self._app(scope, receive, _compress(send) if is_accepted else send)


def _compress(send: Send) -> Send:
    stream = None

    async def send_compressed(message: Message) -> None:
        nonlocal stream
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            is_stream = headers.get("content-type", "").startswith("text/event-stream")
            if is_stream and "content-encoding" not in headers:
                stream = zlib.compressobj(wbits=_GZIP)
                headers["content-encoding"] = "gzip"
                headers.add_vary_header("Accept-Encoding")
        elif stream and message["type"] == "http.response.body":
            flush = zlib.Z_SYNC_FLUSH if message.get("more_body") else zlib.Z_FINISH
            message = {**message, "body": stream.compress(message.get("body", b"")) + stream.flush(flush)}
        await send(message)

    return send_compressed
