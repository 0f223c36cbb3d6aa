"""HTTP connections with timeouts against slow or silent clients."""

import asyncio
from asyncio import TimerHandle

from uvicorn.protocols.http.h11_impl import H11Protocol

# Time that a connection may stay open between two requests; browsers and proxies then open another one.
KEEP_ALIVE_S = 15
_BAD_REQUEST = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n"
    b"Connection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n%s"
)


class PatientProtocol(H11Protocol):
    """uvicorn's protocol with timeouts for receiving headers and for sending responses."""

    # Time for request line and headers; h11 limits their size to 64 KiB.
    headers_s = 10.0
    # Time that a client may read nothing of a response.
    stalled_s = 60.0
    _headers_timer: TimerHandle | None = None
    _stalled_timer: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timeout of the headers."""
        super().connection_made(transport)
        self._start_headers_timer()

    def data_received(self, data: bytes) -> None:
        """Stop the timeout once the headers are complete."""
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._start_headers_timer()
        elif self._headers_timer:
            self._headers_timer.cancel()
            self._headers_timer = None

    def pause_writing(self) -> None:
        """Start the timeout of a client that stopped reading."""
        super().pause_writing()
        self._stalled_timer = self.loop.call_later(self.stalled_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop the timeout once the client reads again."""
        super().resume_writing()
        if self._stalled_timer:
            self._stalled_timer.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timeouts."""
        super().connection_lost(exc)
        for timer in (self._headers_timer, self._stalled_timer):
            if timer:
                timer.cancel()

    def send_400_response(self, msg: str) -> None:
        """Refuse invalid HTTP, unless a response has begun, and close the connection."""
        if str(self.conn.our_state) in {"IDLE", "SEND_RESPONSE"}:
            self.transport.write(_BAD_REQUEST % (len(msg), msg.encode()))
        self.transport.close()

    def _start_headers_timer(self) -> None:
        if self._headers_timer is None and not self.transport.is_closing():
            self._headers_timer = self.loop.call_later(self.headers_s, self.transport.abort)
