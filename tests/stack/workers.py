"""Workers whose responses a test decides, to see what the proxy makes of them."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass(frozen=True, slots=True)
class Request:
    """A request as a worker got it; names of headers in lower case."""

    method: str
    path: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Script:
    """The next responses of all workers, by default 200, and the requests that they got."""

    responses: deque[Callable[["Worker"], None]] = field(default_factory=deque)
    requests: list[Request] = field(default_factory=list)


class Worker(BaseHTTPRequestHandler):
    """A worker that responds as the script specifies."""

    protocol_version = "HTTP/1.1"
    script: Script

    def respond(self) -> None:
        """Note the request, read its body and respond."""
        self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.script.requests.append(Request(self.command, self.path, headers))
        (self.script.responses.popleft() if self.script.responses else Worker.send)(self)

    do_GET = do_POST = respond  # noqa: N815 - names of the standard library

    def send(self, status: int = 200, body: bytes = b"{}", headers: Sequence[tuple[str, str]] = ()) -> None:
        """Send a response."""
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def break_off(self) -> None:
        """Close the connection without a response, as a killed worker does."""
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Write no log."""


@contextmanager
def stand_in_workers(script: Script, number: int = 2) -> Iterator[list[str]]:
    """Yield the addresses (host:port) of so many workers."""
    with ExitStack() as running:
        yield [running.enter_context(_served(type("Scripted", (Worker,), {"script": script}))) for _ in range(number)]


@contextmanager
def _served(handler: type[Worker]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
