import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient

from bot.channels.pages.citizen.citizen_page import CITIZEN
from bot.channels.pages.mount import mount_page
from bot.errors import BusyError
from bot.running.http.admission import WAITING_OF_ADDRESS, Admission
from bot.running.http.limits import RateLimits
from bot.running.server.api import create_app
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn
from tests.bot.server_thread import Prepared, listening, served


def test_the_calls_of_the_last_minute_count_across_the_turn_of_the_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 659.0
    monkeypatch.setattr(time, "time", lambda: now)
    limits = RateLimits(Settings(_env_file=None))
    assert [limits.wait_s("asks", "a", 1) for _ in range(2)] == [0, 60]
    assert limits.wait_s("asks", "b", 1) == 0
    now += 2
    assert limits.wait_s("asks", "a", 1) == 58
    now += 58.1
    assert limits.wait_s("asks", "a", 1) == 0


def test_client_address_is_normalised(tmp_path: Path) -> None:
    app = create_app(StandIn(), Settings(_env_file=None, data=tmp_path, requests_per_minute_address=1))
    came = ["::ffff:203.0.113.8", "::ffff:203.0.113.9", "203.0.113.9"]
    asked = [TestClient(app, client=(one, 1)).post("/api/chat", json={"question": "期間は?"}) for one in came]
    assert [one.status_code for one in asked] == [200, 200, 429]


def test_who_is_alone_has_all_seats_and_one_more_is_for_another_address() -> None:
    admission = Admission(at_once=3, waiting=9, timeout_s=0.1)
    with ExitStack() as held:
        for _ in range(3):
            held.enter_context(admission.seat("a"))
        with pytest.raises(BusyError, match="混み合って"), admission.seat("a"):
            pass
        with admission.seat("b"), pytest.raises(BusyError), admission.seat("c"):
            pass
    with admission.seat("a"):
        pass


def test_an_address_that_fills_its_places_leaves_room_for_others() -> None:
    admission = Admission(at_once=1, waiting=99, timeout_s=30)
    done: list[str] = []

    def wait(caller: str) -> None:
        with admission.seat(caller):
            done.append(caller)

    with ThreadPoolExecutor(WAITING_OF_ADDRESS + 1) as threads, admission.seat("a"):
        waiting = [threads.submit(wait, "a") for _ in range(WAITING_OF_ADDRESS + 1)]
        refused = next(as_completed(waiting))
        assert isinstance(refused.exception(), BusyError)
        wait("b")
        assert done == ["b"]
    assert len(done) == 1 + WAITING_OF_ADDRESS


def test_who_has_nothing_waiting_takes_the_last_place_of_who_has_most() -> None:
    admission = Admission(at_once=1, waiting=3, timeout_s=30)
    done: list[str] = []

    def wait(caller: str) -> None:
        with admission.seat(caller):
            done.append(caller)

    with ThreadPoolExecutor() as threads, admission.seat("a"):
        with admission.seat("b"):
            waiting = [threads.submit(wait, "a") for _ in range(3)]
            late = threads.submit(wait, "c")
            refused = next(as_completed(waiting))
            assert isinstance(refused.exception(), BusyError)
            with pytest.raises(BusyError), admission.seat("a"):
                pass
        late.result()
        assert done == ["c"]
        assert admission.longest_s > 0
    assert done == ["c", "a", "a"]


def test_excess_requests_get_503_with_retry_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.running.http.admission.WAITING_OF_ADDRESS", 2)
    service = Prepared()
    service.go = Event()
    with served(service, pages=(), answers_at_once=2) as url, ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(_ask, url) for _ in range(8)]
        while sum(one.done() for one in asked) < 4:
            time.sleep(0.01)
        assert httpx2.get(f"{url}/health", trust_env=False).status_code == 200
        service.go.set()
        answers = [one.result() for one in asked]
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [503] * 4
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert "混み合って" in refused.json()["detail"]
    assert int(refused.headers["retry-after"]) > 0


def _ask(url: str) -> httpx2.Response:
    return httpx2.post(f"{url}/api/chat", json={"question": "期間は?"}, trust_env=False, timeout=60)


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


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    app = create_app(StandIn(), Settings(_env_file=None))
    with listening(app) as url:
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
    assert took < 5


def test_responses_have_nosniff_and_answers_no_store(tmp_path: Path) -> None:
    app = create_app(StandIn(), Settings(_env_file=None, data=tmp_path))
    mount_page(app, CITIZEN)
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
        client.get("/api/export/answers.csv"),
    ]
    paths = ("/", "/documents", "/reading-room.css", "/api/documents", "/metrics", "/ready", "/nothing", "/staff/")
    public = [client.get(path) for path in (*paths, "/static/img/logo.svg", "/theme.css", "/config")]
    assert {answer.headers.get("x-content-type-options") for answer in (*personal, *public)} == {"nosniff"}
    assert {answer.headers.get("cache-control") for answer in personal} == {"no-store"}
    assert "no-store" not in str(client.get("/static/img/logo.svg").headers)
