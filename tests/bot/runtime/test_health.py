"""Tests of the readiness of a service whose dependencies are away, empty or hang."""

import time
from pathlib import Path
from threading import Event

import chromadb
import pytest

from bot.errors import RecordsError
from bot.runtime import health
from bot.runtime.health import Health, TimedCheck
from bot.service import open_service
from ingest.build.build import build
from ingest.configuration.settings import Settings
from tests.ingest.chroma_server import chroma_server
from tests.ingest.small_corpus import PLAN, make_corpus


def test_a_service_cannot_answer_without_its_vectors(tmp_path: Path) -> None:
    (tmp_path / "chroma").mkdir()
    with chroma_server(tmp_path / "chroma") as url:
        settings = Settings(_env_file=None, data=tmp_path / "data", chroma_url=url, adapt=False)
        corpus = [make_corpus(tmp_path / "corpus", plan=PLAN)]
        name = build(settings, corpus).name
        with open_service(settings) as service:
            assert service.health() == Health(answers=True, records=True)
            host, port = url.removeprefix("http://").split(":")
            chromadb.HttpClient(host=host, port=int(port)).delete_collection(name)
            assert service.health() == Health(answers=False, records=True)
            build(settings, corpus, full=True)
            service.follow()
            assert service.health().answers
    with open_service(settings) as service:
        assert service.health() == Health(answers=False, records=True)


def test_a_check_that_hangs_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "TIMEOUT_S", 0.2)
    go_on, begun = Event(), []

    def hang() -> None:
        begun.append(time.monotonic())
        go_on.wait(10)

    check = TimedCheck(hang)
    assert not check.start()()
    started = time.monotonic()
    assert not check.start()()
    assert time.monotonic() - started < 9
    assert len(begun) == 1
    go_on.set()
    time.sleep(0.1)
    assert check.start()()
    assert len(begun) == 2


def test_the_reason_of_a_failure_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    errors = [RecordsError("理由1"), RecordsError("理由2"), None, RecordsError("理由3")]

    def fail() -> None:
        if error := errors.pop(0):
            raise error

    check = TimedCheck(fail)
    assert [check.start()() for _ in range(4)] == [False, False, True, False]
    assert [line.rpartition("。")[2] for line in caplog.messages] == ["理由1", "理由3"]
