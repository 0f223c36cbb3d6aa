"""HTTP connections with timeouts against slow or silent clients."""

import asyncio
from asyncio import TimerHandle

from uvicorn.protocols.http.h11_impl import H11Protocol

# How long a connection may stay open between two requests; browsers and proxies open another one then.
KEEP_ALIVE_S = 15
_BAD_REQUEST = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n"
    b"Connection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n%s"
)


class PatientProtocol(H11Protocol):
    """uvicorn's, which bounds neither the time that headers take nor the time that an answer waits to be taken."""

    # Request line and headers come within this time (h11 bounds their size, at 64 KiB).
    headers_s = 10.0
    # An answer is taken, or this long nothing of it is.
    stalled_s = 60.0
    _headers: TimerHandle | None = None
    _stalled: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._await_headers()

    def data_received(self, data: bytes) -> None:
        """Wait on where a request has begun and its headers are not complete."""
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._await_headers()
        elif self._headers:
            self._headers.cancel()
            self._headers = None

    def pause_writing(self) -> None:
        """Wait for a client that takes no more."""
        super().pause_writing()
        self._stalled = self.loop.call_later(self.stalled_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Wait no longer: it has taken something."""
        super().resume_writing()
        if self._stalled:
            self._stalled.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        super().connection_lost(exc)
        for timer in (self._headers, self._stalled):
            if timer:
                timer.cancel()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, in the middle of a body too; the connection is closed at once.

        Where an answer has begun there is nothing to refuse any more.
        """
        if str(self.conn.our_state) in {"IDLE", "SEND_RESPONSE"}:
            self.transport.write(_BAD_REQUEST % (len(msg), msg.encode()))
        self.transport.close()

    def _await_headers(self) -> None:
        if self._headers is None and not self.transport.is_closing():
            self._headers = self.loop.call_later(self.headers_s, self.transport.abort)
