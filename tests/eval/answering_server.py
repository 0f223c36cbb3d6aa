"""A real HTTP server that gives the same answer to every question, as JSON of our API."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.eval.examples import make_answer

Reply = Callable[[dict[str, Any]], Any]


@contextmanager
def answering_server(
    reply: Reply = lambda _: make_answer(), after_s: float = 0.0
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Serve what `reply` makes of each body, after a while; yield the address and what was asked, headers included."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append({"path": self.path, "key": self.headers.get("Authorization"), **body})
            time.sleep(after_s)
            content = json.dumps(reply(body)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
