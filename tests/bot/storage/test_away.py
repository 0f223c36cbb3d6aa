"""Tests of records on a PostgreSQL that is stopped, killed, frozen, or out of connections."""

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import text

from bot.errors import RecordsAwayError
from bot.runtime.health import Health
from bot.server.api import create_app
from bot.service import Service, open_service
from bot.state import Question
from bot.storage.database import engine_at
from bot.storage.postgresql import RETRY_S, ServerWatch
from ingest.configuration.settings import Settings
from tests.bot.postgresql import Cluster, cluster
from tests.conftest import without_records

ASKED = Question(question="計画の期間は何年間ですか")
# One second of silence and two for a new connection, on a machine that is busy with other tests.
LONGEST_S = 8.0


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


@pytest.fixture
def service(server: Cluster, settings: Settings, tmp_path: Path) -> Iterator[Service]:
    without_records(settings.data, tmp_path / "data")
    url = SecretStr(f"{server.url}?connections=4")
    with open_service(settings.model_copy(update={"data": tmp_path / "data", "database_url": url})) as opened:
        opened.ask(ASKED)
        yield opened


def _stop(server: Cluster) -> Callable[[], None]:
    server.stop()
    return server.start


def _kill(server: Cluster) -> Callable[[], None]:
    server.kill()
    return server.start


def _freeze(server: Cluster) -> Callable[[], None]:
    server.signal(signal.SIGSTOP)
    return lambda: server.signal(signal.SIGCONT)


@pytest.mark.parametrize("fault", [_kill, _freeze])
def test_a_question_is_refused_in_time_while_the_server_is_away(
    server: Cluster, service: Service, fault: Callable[[Cluster], Callable[[], None]]
) -> None:
    mend = fault(server)
    try:
        with ThreadPoolExecutor(8) as threads:
            waits = list(threads.map(lambda _: _refused_after(service), range(16)))
        assert max(waits) < LONGEST_S
        assert service.health() == Health(answers=True, records=False)
    finally:
        mend()
    deadline = time.monotonic() + 10
    while not service.health().records and time.monotonic() < deadline:
        time.sleep(0.2)
    answer = service.ask(ASKED)
    assert [turn.answer.answer_id for turn in service.conversation(answer.conversation_id)] == [answer.answer_id]


def _refused_after(service: Service) -> float:
    started = time.monotonic()
    with pytest.raises(RecordsAwayError):
        service.ask(ASKED)
    return time.monotonic() - started


def test_a_server_without_free_connections_is_away(server: Cluster) -> None:
    engine = engine_at(f"{server.url}?connections=2")
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(engine.connect())
        started = time.monotonic()
        with pytest.raises(RecordsAwayError), engine.connect():
            pass
        assert time.monotonic() - started < 30
    engine.dispose()


def test_a_slow_statement_is_no_outage(server: Cluster) -> None:
    engine = engine_at(server.url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1 FROM pg_sleep(1.5)")) == 1
        assert connection.scalar(text("SHOW statement_timeout")) == "30s"
        assert connection.scalar(text("SHOW idle_in_transaction_session_timeout")) == "1min"
    engine.dispose()


def test_a_failure_long_ago_ends_no_slow_statement(server: Cluster) -> None:
    watch = ServerWatch()

    def fail() -> psycopg.Connection:
        raise psycopg.OperationalError("no route")

    with pytest.raises(psycopg.OperationalError):
        watch.connect(fail)
    assert watch.is_away(fail)
    time.sleep(RETRY_S)
    assert not watch.is_away(lambda: psycopg.connect(server.url.replace("+psycopg", "")))


def test_pages_without_records_go_on(server: Cluster, service: Service) -> None:
    client = TestClient(create_app(service, service._settings))  # noqa: SLF001
    mend = _stop(server)
    try:
        for path in ("/api/documents", "/api/search?q=計画", "/documents", "/health", "/ready", "/metrics"):
            assert client.get(path).status_code == 200, path
        refused = [
            client.post("/api/chat", json={"question": ASKED.question}),
            client.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": ASKED.question}]}),
            client.post("/api/feedback", json={"answer_id": "a", "rating": "up"}),
            client.delete("/api/conversations/a"),
            client.get("/api/documents", headers={"authorization": "Bearer shirube_nobody"}),
        ]
    finally:
        mend()
    for response in refused:
        assert response.status_code == 503
        assert "retry-after" in response.headers
        assert "しばらく待ってから" in response.json()["detail"]
