"""Tests of malformed HTTP on a connection, and of the headers of every response."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from bot.http.headers import SecurityHeaders
from bot.http.limits import BodyLimit
from bot.pages.citizen.citizen_page import CITIZEN
from bot.pages.mount import mount_page
from bot.server.api import create_app
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn
from tests.bot.server_thread import listening

SILENT_S = 0.5
HEAD = "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n\r\n"
MALFORMED = {
    "chunk size": CHUNKED + "ZZZ\r\n{}\r\n0\r\n\r\n",
    "negative size": CHUNKED + "-1\r\n{}\r\n",
    "after a chunk": CHUNKED + "2\r\n{}\r\nXX\r\n",
    "no end of a chunk": CHUNKED + "2\r\n{}XX0\r\n\r\n",
    "trailer": CHUNKED + "2\r\n{}\r\n0\r\nfoo\r\n\r\n",
    "two lengths": "Content-Length: 2\r\n" + CHUNKED + "2\r\n{}\r\n0\r\n\r\n",
    "another encoding": "Transfer-Encoding: gzip\r\n\r\n{}",
}
UNENDED = {
    "chunk": CHUNKED + "20\r\n{}",
    "size": CHUNKED + "2",
    "last chunk": CHUNKED + "2\r\n{}\r\n",
    "length": "Content-Length: 50\r\n\r\n{}",
}


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    app = create_app(StandIn(), Settings(_env_file=None))
    with listening(SecurityHeaders(BodyLimit(app, body_s=SILENT_S))) as url:
        yield "127.0.0.1", urlsplit(url).port or 0


def response_and_time(address: tuple[str, int], request: str) -> tuple[bytes, float]:
    start = time.monotonic()
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(request.encode())
        came = b""
        while some := connection.recv(65536):
            came += some
    return came, time.monotonic() - start


@pytest.mark.parametrize("path", ["/api/chat", "/nothing"])
@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_body_is_refused_at_once(address: tuple[str, int], path: str, body: str) -> None:
    came, took = response_and_time(address, HEAD.format(path=path) + body)
    assert came.startswith(b"HTTP/1.1 400 ")
    assert came.count(b"HTTP/1.1") == 1
    assert b"x-content-type-options: nosniff" in came.lower()
    assert took < SILENT_S


@pytest.mark.parametrize("body", UNENDED.values(), ids=UNENDED)
def test_a_body_that_does_not_end_is_given_up(address: tuple[str, int], body: str) -> None:
    came, took = response_and_time(address, HEAD.format(path="/api/chat") + body)
    assert came.startswith(b"HTTP/1.1 408 ")
    assert SILENT_S <= took < SILENT_S + 1


def test_responses_have_nosniff_and_answers_no_store(tmp_path: Path) -> None:
    app = create_app(StandIn(), Settings(_env_file=None, data=tmp_path))
    mount_page(app, CITIZEN, app.state.service, app.state.settings)
    client = TestClient(app, follow_redirects=False)
    asked = {"question": "期間は?"}
    completion = {"messages": [{"role": "user", "content": "期間は?"}]}
    personal = [
        client.post("/api/chat", json=asked),
        client.post("/api/chat", json=asked | {"stream": True}),
        client.post("/api/chat", json={}),
        client.post("/v1/chat/completions", json=completion),
        client.post("/v1/chat/completions", json=completion | {"stream": True}),
        client.post("/api/feedback", json={"answer_id": "a", "rating": "up"}),
        client.delete("/api/conversations/none"),
        client.get("/signin"),
        client.get("/api/export/questions.csv"),
    ]
    paths = ("/", "/documents", "/reading-room.css", "/api/documents", "/metrics", "/ready", "/nothing", "/staff/")
    public = [client.get(path) for path in (*paths, "/static/img/logo.svg", "/theme.css", "/config")]
    assert {answer.headers.get("x-content-type-options") for answer in (*personal, *public)} == {"nosniff"}
    assert {answer.headers.get("cache-control") for answer in personal} == {"no-store"}
    assert "no-store" not in str(client.get("/static/img/logo.svg").headers)
