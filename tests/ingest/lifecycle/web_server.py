"""A web server on this machine, whose pages tests set."""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any


class Server:
    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.drip_s = 0.0
        # Bytes that are sent instead of the response to a path; then the connection ends.
        self.cuts: dict[str, bytes] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, dict(self.headers)))
                if self.path in outer.cuts:
                    self.wfile.write(outer.cuts[self.path])
                    return
                status, headers, body = outer.pages.get(self.path, (404, {}, b""))
                if status == 200 and headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                    status, body = 304, b""
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                step = 1 if outer.drip_s else len(body) or 1
                for at in range(0, len(body), step):
                    self.wfile.write(body[at : at + step])
                    time.sleep(outer.drip_s)

            def do_CONNECT(self) -> None:
                outer.asked.append((self.path, dict(self.headers)))
                self.send_error(403)

            def log_message(self, *_: Any) -> None:
                """Suppress the request log."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.port = self._server.server_address[1]
        self.host = ("127.0.0.1", self.port)
        self.url = f"http://127.0.0.1:{self.port}"

    def has(self, path: str, text: str | bytes, **headers: str) -> None:
        body = text.encode() if isinstance(text, str) else text
        self.pages[path] = (200, {name.replace("_", "-"): value for name, value in headers.items()}, body)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def listed(folder: Path, *entries: str) -> None:
    (folder / "sources.toml").write_text("\n".join(f"[[source]]\n{entry}" for entry in entries), "utf-8")
