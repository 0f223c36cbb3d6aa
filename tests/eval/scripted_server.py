"""Real HTTP servers with scripted replies."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.eval.examples import make_answer

Reply = tuple[int, dict[str, str], Any]
Served = tuple[str, list[dict[str, Any]]]


@contextmanager
def _serve(reply: Callable[[], Reply]) -> Iterator[Served]:
    received: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            status, headers, body = reply()
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", received
        server.shutdown()


def scripted_server(*replies: Reply) -> AbstractContextManager[Served]:
    return _serve(iter(replies).__next__)


def answering_server(after_s: float = 0.0) -> AbstractContextManager[Served]:
    def answer() -> Reply:
        time.sleep(after_s)
        return 200, {}, make_answer()

    return _serve(answer)
