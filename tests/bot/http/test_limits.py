"""What one caller may ask for and how many are answered at once; slow clients and crowds are turned away early."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event

import httpx2
import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from bot.errors import BusyError
from bot.http.limits import BodyLimit, RateLimits
from bot.http.problems import install_handlers
from bot.runtime.keyed_lock import KeyedLock
from bot.server.api import create_app
from bot.server.connections import PatientProtocol
from bot.web.admission import Admission
from ingest.configuration.settings import Settings
from tests.bot.served import Prepared, listening, served
from tests.bot.stand_in import StandIn


def test_a_minute_has_room_for_so_many_and_then_one_waits() -> None:
    """The window slides: half a minute later half of the last minute still counts; nobody pays for another."""
    now = 600.0
    limits = RateLimits(Settings(_env_file=None), clock=lambda: now)
    assert [limits.wait_s("asks", "a", 4) > 0 for _ in range(5)] == [False] * 4 + [True]
    assert limits.wait_s("asks", "b", 4) == 0
    now += 90  # 4 of the last minute weigh a half
    assert [limits.wait_s("asks", "a", 4) > 0 for _ in range(3)] == [False, False, True]
    now += 120
    assert limits.wait_s("asks", "a", 4) == 0


def test_whoever_waits_as_long_as_told_gets_in() -> None:
    """What Retry-After says is enough."""
    now = 612.0
    limits = RateLimits(Settings(_env_file=None), clock=lambda: now)
    while not (wait := limits.wait_s("asks", "a", 3)):
        pass
    for _ in range(3):
        now += wait
        if not (wait := limits.wait_s("asks", "a", 3)):
            return
    pytest.fail("after three waits still not let in")


def test_processes_that_share_the_records_count_together(tmp_path: Path) -> None:
    """Two of them let in as many as one would, also when both count at once."""
    settings = Settings(_env_file=None, data=tmp_path)
    both = [RateLimits(settings, shared=True) for _ in range(2)]
    with ThreadPoolExecutor(8) as threads:
        passed = list(threads.map(lambda n: both[n % 2].wait_s("asks", "a", 20) == 0, range(60)))
    assert passed.count(True) == 20


def test_all_callers_together_have_a_limit_too(tmp_path: Path) -> None:
    """Beyond it everybody is told to come again, with a 503 and not as if it were their fault."""
    app = create_app(StandIn(), Settings(_env_file=None, data=tmp_path, requests_per_minute_overall=3))
    clients = [TestClient(app, client=(f"192.0.2.{n}", 1)) for n in range(5)]
    answers = [client.post("/api/chat", json={"question": "期間は?"}) for client in clients]
    assert [answer.status_code for answer in answers] == [200] * 3 + [503] * 2
    assert int(answers[-1].headers["retry-after"]) > 0


def test_a_client_has_its_minute_however_its_address_is_written(tmp_path: Path) -> None:
    """Two by IPv4 are two, also where a socket for both tells of them as IPv6, and each is the same either way."""
    app = create_app(StandIn(), Settings(_env_file=None, data=tmp_path, requests_per_minute=1))
    came = ["::ffff:203.0.113.8", "::ffff:203.0.113.9", "203.0.113.9"]
    asked = [TestClient(app, client=(one, 1)).post("/api/chat", json={"question": "期間は?"}) for one in came]
    assert [one.status_code for one in asked] == [200, 200, 429]


@pytest.mark.parametrize(
    "address",
    [
        "export/answers.csv",
        "export/statistics.json",
        "documents/plan-2/pages/4.png",
        "documents/plan-2/tables",
        "documents/plan-2/tables/1.json",
        "documents/plan-2/tables/1.csv",
    ],
)
def test_what_costs_more_than_to_look_it_up_is_counted_like_a_question(tmp_path: Path, address: str) -> None:
    """Reading all that was ever asked, drawing a page, making tables of a whole document."""
    settings = Settings(_env_file=None, data=tmp_path, requests_per_minute=1, open_data=True)
    client = TestClient(create_app(StandIn(), settings))
    first, second = (client.get(f"/api/{address}") for _ in range(2))
    assert first.status_code in {200, 404}
    assert second.status_code == 429
    assert int(second.headers["retry-after"]) > 0


def test_what_counts_is_closed_with_the_application(tmp_path: Path) -> None:
    """SQLite puts its log away when nobody has the records open any more."""
    log = tmp_path / "shirube.sqlite-wal"
    with TestClient(create_app(StandIn(), Settings(_env_file=None, data=tmp_path), shared=True)) as client:
        client.post("/api/chat", json={"question": "期間は?"})
        assert log.exists()
    assert not log.exists()


def test_an_application_that_is_begun_anew_counts_anew(tmp_path: Path) -> None:
    """What was counted goes with the first run, and the second answers like it."""
    limits = RateLimits(Settings(data=tmp_path))
    for _ in range(2):
        assert limits.wait_s("asks", "a", 1) == 0
        assert limits.wait_s("asks", "a", 1) > 0
        limits.close()


def test_an_attack_from_many_addresses_leaves_nothing_behind(tmp_path: Path) -> None:
    """What has been counted is forgotten after two windows."""
    now = 600.0
    limits = RateLimits(Settings(_env_file=None, data=tmp_path), shared=True, clock=lambda: now)
    for n in range(50):
        limits.wait_s("asks", f"a{n}", 3)
    now += 200
    limits.wait_s("asks", "b", 3)
    assert limits._counters.reset() == 1  # noqa: SLF001 -- how many are kept is seen nowhere else


def test_so_many_are_answered_at_once_so_many_wait_and_no_more() -> None:
    """Who finds no place is told at once, who waits too long when the patience is over."""
    admission = Admission(at_once=1, waiting=1, patience_s=0.6)
    with admission.seat(), ThreadPoolExecutor(1) as threads:
        waits = threads.submit(_seated, admission)
        time.sleep(0.1)
        with pytest.raises(BusyError, match="混み合って"):
            _seated(admission)
        assert not waits.done()
        with pytest.raises(BusyError):
            waits.result()
    _seated(admission)


def test_a_conversation_has_one_inside_and_one_who_waits() -> None:
    """Whoever comes third is told at once, who waits too long when the patience is over; others are not kept."""
    in_turn = KeyedLock(patience_s=0.6)
    with ThreadPoolExecutor(1) as threads, in_turn("c"):
        waits = threads.submit(_in, in_turn, "c")
        time.sleep(0.1)
        with pytest.raises(BusyError, match="混み合って"):
            _in(in_turn, "c")
        assert _in(in_turn, "d") is False
        assert not waits.done()
        with pytest.raises(BusyError):
            waits.result(timeout=30)
    assert _in(in_turn, "c") is False


def _in(in_turn: KeyedLock, name: str) -> bool:
    with in_turn(name) as waited:
        return waited


def _seated(admission: Admission) -> None:
    with admission.seat():
        pass


def test_a_crowd_is_told_to_come_again_and_the_first_are_answered() -> None:
    """Over HTTP: two are answered, two wait and are answered after them, the rest get a 503 with Retry-After."""
    service = Prepared()
    service.go = Event()
    room = {"answers_at_once": 2, "answers_waiting": 2, "answer_wait_s": 20}
    with served(service, pages=(), **room) as url, ThreadPoolExecutor(8) as threads:
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


class Hasty(PatientProtocol):
    """The same with less patience."""

    headers_s = 0.4
    stalled_s = 0.4


@pytest.fixture
def hasty() -> Iterator[tuple[str, int]]:
    """Yield the address of a server that waits for nobody."""
    app = FastAPI()
    install_handlers(app)

    @app.post("/length")
    async def length(request: Request) -> int:
        return len(await request.body())

    @app.get("/large")
    def large() -> str:
        return "x" * 50_000_000

    app.add_middleware(BodyLimit, max_bytes=10_000, body_s=0.3)
    with listening(app, http=Hasty) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        yield host, int(port)


@pytest.mark.parametrize("sent", [b"", b"GET /large HT", b"GET /large HTTP/1.1\r\nHost: a\r\nX-A: "])
def test_headers_that_do_not_come_end_the_connection(hasty: tuple[str, int], sent: bytes) -> None:
    """Silent clients, and those that send a letter now and then, hold no connection."""
    with socket.create_connection(hasty, timeout=10) as client:
        client.sendall(sent)
        assert _ended(client) < 3


def test_a_second_request_has_no_more_time(hasty: tuple[str, int]) -> None:
    """A connection that is kept open is no way around it."""
    with socket.create_connection(hasty, timeout=10) as client:
        client.sendall(b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab")
        assert b"200" in client.recv(10_000)
        client.sendall(b"POST /length HTTP/1.1\r\nHost")
        assert _ended(client) < 3


def test_a_body_that_does_not_come_is_told_and_ended(hasty: tuple[str, int]) -> None:
    """The client gets a 408 in Japanese."""
    with socket.create_connection(hasty, timeout=10) as client:
        client.sendall(b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nab")
        told = client.recv(10_000)
        assert told.startswith(b"HTTP/1.1 408")


def test_an_answer_that_is_not_taken_is_dropped(hasty: tuple[str, int]) -> None:
    """Whoever asks for much and reads nothing frees the connection."""
    with socket.create_connection(hasty, timeout=10) as client:
        client.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(4)  # a busy machine may be late in finding out
        taken = 0
        with suppress(ConnectionError):
            while part := client.recv(1_000_000):
                taken += len(part)
    assert taken < 50_000_000


def _ended(client: socket.socket) -> float:
    """Return after how many seconds the server ends the connection."""
    begun = time.monotonic()
    with suppress(ConnectionError):
        assert client.recv(1000) == b""
    return time.monotonic() - begun
