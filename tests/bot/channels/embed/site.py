"""The website of a city, on another origin than the chat."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

PAGE = """<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>市のページ</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main><h1>市のページ</h1>
<p>暮らしの情報です。<a href="#top">次のページ</a></p></main>{embedded}</body></html>"""


class Site:
    def __init__(self, embedded: str = "", **headers: str) -> None:
        self.embedded, self.headers = embedded, headers
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                for name, value in site.headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(PAGE.format(embedded=site.embedded).encode())

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # The chat is known by its number: another host, so another site even where ports do not count.
        self.origin = f"http://localhost:{self._server.server_port}"

    @contextmanager
    def opened(self) -> Iterator["Site"]:
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
