"""A disk that is full, or fills in the middle of a write: questions are answered without a record, and writing resumes.

The disk is one that takes no more bytes of this process (its limit of file sizes), and takes them again.
"""

import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from bot.running.auth.sign_in import SignIn
from bot.running.server.api import create_app
from bot.running.service.service import open_service
from ingest.configuration.audit import read_events, record_event
from ingest.configuration.settings import Settings
from ingest.errors import StorageError
from tests.bot.running.auth.inner import PASSWORD

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux refuses bytes beyond this limit")
QUESTION = "金沢市DXアクションプラン2.0の計画期間は?"


@contextmanager
def full_disk(most: int = 0) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def until(what: Callable[[], bool], seconds: float = 120) -> bool:
    end = time.monotonic() + seconds
    while not (reached := what()) and time.monotonic() < end:
        time.sleep(0.2)
    return reached


def count_answers(data: Path) -> int:
    with closing(sqlite3.connect(data / "shirube.sqlite")) as records:
        return int(records.execute("select count(*) from turns").fetchone()[0])


def test_answers_continue_on_a_full_disk(own_data: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings(_env_file=None, data=own_data)
    with closing(SignIn(settings)) as sign_in:
        sign_in.accounts.add("安奈", PASSWORD, "editor")
    log = own_data / "shirube.sqlite-wal"
    account = {"name": "安奈", "password": PASSWORD}
    with open_service(settings) as service, TestClient(create_app(service, settings), follow_redirects=False) as client:
        asked = 0

        def ask(question: str, conversation_id: str | None = None) -> dict[str, Any]:
            nonlocal asked
            asked += 1
            answer: dict[str, Any] = client.post(
                "/api/chat", json={"question": question, "conversation_id": conversation_id}
            ).json()
            return answer

        def vote(answer: dict[str, Any]) -> httpx2.Response:
            return client.post("/api/feedback", json={"answer_id": answer["answer_id"], "rating": "up"})

        before = ask(QUESTION)
        assert client.get("/ready").json() == {"status": "ok", "records": "ok", "judge": "ok"}
        for room in (0, 500, 5_000, 9_000):
            with full_disk((log.stat().st_size if room else 0) + room):
                assert ask(QUESTION, before["conversation_id"])["answer"] == before["answer"]
        recorded = count_answers(own_data)
        with full_disk():
            begun = ask(QUESTION)
            assert begun["status"] == before["status"]
            assert begun["answer"] == before["answer"]
            again = ask("その基本理念は?", begun["conversation_id"])
            assert again["conversation_id"] == begun["conversation_id"]
            assert "2.0" in again["question_understood"]
            assert ask(QUESTION, "of-another-worker")["conversation_id"] != "of-another-worker"
            assert client.get("/ready").json() == {"status": "ok", "records": "degraded", "judge": "ok"}
            for answer in (before, begun):
                assert vote(answer).status_code == 503
                assert vote(answer).json()["title"] == "記録できません"
                assert "記録" in vote(answer).json()["detail"]
            assert client.delete(f"/api/conversations/{before['conversation_id']}").status_code == 503
            signing_in = client.post("/signin", data=account)
            assert signing_in.status_code == 503
            assert "記録を読み書きできない" in signing_in.text
            assert "shirube_records_writable 0.0" in client.get("/metrics").text
            assert count_answers(own_data) == recorded

        assert until(lambda: client.get("/ready").json()["records"] == "ok")
        kept = ask("その基本理念は?", begun["conversation_id"])
        assert "2.0" in kept["question_understood"]
        assert vote(kept).status_code == 200
        assert count_answers(own_data) == asked  # those without room waited in memory
        assert client.post("/signin", data=account).status_code == 303
    assert caplog.text.count("回答を記録できません") == 1
    assert caplog.text.count("記録を再開しました") >= 1
    with closing(sqlite3.connect(own_data / "shirube.sqlite")) as records:
        assert records.execute("pragma integrity_check").fetchone() == ("ok",)


def test_an_incomplete_line_of_the_audit_log_is_removed(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data=tmp_path)
    record_event(settings, "安奈", "curate", (), "前")
    size = (tmp_path / "audit.jsonl").stat().st_size
    for room in (0, 1, 20):
        with full_disk(size + room), pytest.raises(StorageError):
            record_event(settings, "安奈", "curate", (), "入らない")
    record_event(settings, "安奈", "curate", (), "後")
    assert [act.detail for act in read_events(settings)] == ["前", "後"]
    assert (tmp_path / "audit.jsonl").read_bytes().count(b"\n") == 2
