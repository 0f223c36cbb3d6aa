"""A disk that is full, or fills in the middle of a write: questions are answered without a record, and writing resumes.

The disk is one that takes no more bytes of a server process (its limit of file sizes), and takes them again.
"""

import resource
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bot.auth import SignIn
from bot.http.limits import RateLimits
from ingest.configuration.audit import read_events, record_event
from ingest.configuration.settings import Settings
from ingest.errors import StorageError
from tests.bot.auth.inner import PASSWORD
from tests.bot.server_process import Running
from tests.conftest import without_records

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(sys.platform != "linux", reason="sets the limits of another process, which Linux alone lets it"),
]
QUESTION = "金沢市DXアクションプラン2.0の計画期間は?"


class Disk:
    """The disk as a server process sees it."""

    def __init__(self, server: Running, data: Path) -> None:
        self.server, self.data = server, data

    def fill(self, room: int = 0) -> None:
        """Let no file grow beyond the log of the database and `room` bytes."""
        log = self.data / "shirube.sqlite-wal"
        self._limit((log.stat().st_size if room and log.exists() else 0) + room)

    def free(self) -> None:
        """Take bytes again."""
        self._limit(resource.RLIM_INFINITY)

    def answers(self) -> int:
        """Return how many answers are recorded."""
        with closing(sqlite3.connect(self.data / "shirube.sqlite")) as records:
            return int(records.execute("select count(*) from turns").fetchone()[0])

    def _limit(self, most: int) -> None:
        _, hard = resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (most, hard))


@contextmanager
def running(data: Path, *arguments: str) -> Iterator[Disk]:
    server = Running("--port", "0", "--data", data, *arguments)
    try:
        yield Disk(server, data)
    finally:
        server.end(signal.SIGKILL)


@contextmanager
def full_disk(most: int = 0) -> Iterator[None]:
    """Let no file of this process grow beyond `most` bytes while the block runs."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def until(what: Any, seconds: float = 15) -> bool:
    """Wait until `what` holds."""
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def test_answers_continue_on_a_full_disk(corpus_data: Path, tmp_path: Path) -> None:
    data = without_records(corpus_data, tmp_path / "data")
    with closing(SignIn(Settings(_env_file=None, data=data))) as sign_in:
        sign_in.accounts.add("安奈", PASSWORD, "editor")
    with running(data) as disk:
        server = disk.server
        before = server.ask(QUESTION)
        assert server.get("/ready").json() == {"status": "ok", "records": "ok"}
        for room in (0, 500, 5_000, 9_000):
            disk.fill(room)
            answer = server.ask(QUESTION, conversation_id=before["conversation_id"])
            assert answer["answer"] == before["answer"]
            disk.free()
        recorded = disk.answers()
        disk.fill()

        begun = server.ask(QUESTION)
        assert begun["status"] == before["status"]
        assert begun["answer"] == before["answer"]
        again = server.ask("その基本理念は?", conversation_id=begun["conversation_id"])
        assert again["conversation_id"] == begun["conversation_id"]
        assert "2.0" in again["question_understood"]
        assert server.ask(QUESTION, conversation_id="of-another-worker")["conversation_id"] != "of-another-worker"
        assert server.get("/ready").json() == {"status": "ok", "records": "degraded"}
        for answer_id in (before["answer_id"], begun["answer_id"]):
            vote = server.post("/api/feedback", {"answer_id": answer_id, "rating": "up"})
            assert vote.status_code == 503
            assert vote.json()["title"] == "記録できません"
            assert "記録" in vote.json()["detail"]
        gone = httpx2.delete(f"{server.url}/api/conversations/{before['conversation_id']}", trust_env=False)
        assert gone.status_code == 503
        signing_in = httpx2.post(f"{server.url}/signin", data={"name": "安奈", "password": PASSWORD}, trust_env=False)
        assert signing_in.status_code == 503
        assert "記録を読み書きできない" in signing_in.text
        assert server.get("/metrics").status_code == 200
        assert "shirube_records_writable 0.0" in server.get("/metrics").text
        assert disk.answers() == recorded

        disk.free()
        assert until(lambda: server.get("/ready").json()["records"] == "ok")
        kept = server.ask("その基本理念は?", conversation_id=begun["conversation_id"])
        assert "2.0" in kept["question_understood"]
        assert server.post("/api/feedback", {"answer_id": kept["answer_id"], "rating": "up"}).status_code == 200
        assert disk.answers() == recorded + 1
        signing_in = httpx2.post(f"{server.url}/signin", data={"name": "安奈", "password": PASSWORD}, trust_env=False)
        assert signing_in.status_code == 303
        _, log = server.end()
    assert log.count("回答を記録できません") == 1
    assert log.count("記録を再開しました") >= 1
    with closing(sqlite3.connect(data / "shirube.sqlite")) as records:
        assert records.execute("pragma integrity_check").fetchone() == ("ok",)


def test_calls_are_counted_without_the_disk(tmp_path: Path) -> None:
    limits = RateLimits(Settings(_env_file=None, data=tmp_path), shared=True)
    with full_disk():
        may_pass = [limits.wait_s("asks", "a", 2) == 0 for _ in range(3)]
        limits.take_back("asks", "a", 2)
        may_pass.append(limits.wait_s("asks", "a", 2) == 0)
    assert may_pass == [True, True, False, True]
    assert limits.wait_s("asks", "a", 2) == 0
    limits.close()


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
