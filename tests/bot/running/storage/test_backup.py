import gzip
import io
import json
import shutil
import signal
import sqlite3
import tarfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import text

from bot.__main__ import main
from bot.answering.state import Answer, Question
from bot.errors import RecordsAwayError
from bot.running.server.api import create_app
from bot.running.service.service import Health, Service, open_service
from bot.running.storage.database import engine_at
from ingest.configuration.settings import Settings
from ingest.configuration.storage import lock_data_folder
from ingest.index.generation import current_name, generation_folder
from ingest.metadata.document_table import change_documents, read_documents
from tests.bot.postgresql import Cluster, cluster

pytest_plugins = ["tests.bot.city_index"]
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def serving(own_settings: Settings) -> Iterator[Service]:
    with open_service(own_settings) as service:
        service.ask(Question(question="ごみの出し方を知りたい"))
        yield service


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: object) -> tuple[int, str]:
        status = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


def answers(data: Path) -> int:
    with closing(sqlite3.connect(data / "shirube.sqlite")) as records:
        count: int = records.execute("SELECT count(*) FROM turns").fetchone()[0]
    return count


@pytest.mark.usefixtures("serving")
def test_a_backup_of_a_running_server_restores_everything(own_settings: Settings, tmp_path: Path, run: Run) -> None:
    file, elsewhere = tmp_path / "saved.tar.gz", tmp_path / "elsewhere"
    with change_documents(own_settings) as table:
        table.row("plan").edits = {"title": "基本の計画"}
    assert run("backup", file, "--data", own_settings.data)[0] == 0
    status, printed = run("restore", file, "--data", elsewhere)
    assert status == 0
    assert "回答 1件" in printed
    assert answers(elsewhere) == 1
    assert current_name(own_settings.model_copy(update={"data": elsewhere})) == current_name(own_settings)
    assert list(read_documents(own_settings.model_copy(update={"data": elsewhere}))) == ["plan"]
    with open_service(own_settings.model_copy(update={"data": elsewhere})) as restored:
        assert restored.documents()


@pytest.mark.usefixtures("serving")
def test_restoring_keeps_the_previous_contents_aside(own_settings: Settings, tmp_path: Path, run: Run) -> None:
    file, data = tmp_path / "saved.tar.gz", own_settings.data
    run("backup", file, "--data", data)
    (data / "added").mkdir(exist_ok=True)
    (data / "added" / "later.md").write_text("# あとから\n\n本文です。", "utf-8")
    status, printed = run("restore", file, "--data", data)
    assert status == 0
    assert not (data / "added" / "later.md").exists()
    (kept,) = data.glob(".replaced-*")
    assert (kept / "added" / "later.md").exists()
    assert str(kept) in printed.replace("\n", "")


@pytest.mark.parametrize("harm", ["cut", "altered", "no backup", "another release"])
def test_a_backup_that_cannot_be_trusted_changes_nothing(
    own_settings: Settings, tmp_path: Path, run: Run, harm: str
) -> None:
    file, data = tmp_path / "saved.tar.gz", own_settings.data
    run("backup", file, "--data", data)
    whole = file.read_bytes()
    middle = len(whole) // 2
    report = {"format": 1, "created": "2026-01-01T00:00:00Z", "release": "1", "generation": None}
    contents = {
        "cut": (whole[:middle], "ほかのバックアップを使ってください"),
        "altered": (whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :], "ほかのバックアップを"),
        "no backup": (b"plain text", "ほかのバックアップを使ってください"),
        "another release": (packed("backup.json", json.dumps(report).encode()), "別の版のしるべ（1）"),
    }
    content, expected = contents[harm]
    file.write_bytes(content)
    before = sorted(path.name for path in data.iterdir())
    status, printed = run("restore", file, "--data", data)
    assert status == 2
    assert expected in printed.replace("\n", "")
    assert sorted(path.name for path in data.iterdir()) == before


def packed(name: str, content: bytes) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return target.getvalue()


@pytest.mark.parametrize("name", ["案内　図 (1).pdf", "長い名前" * 20 + ".md"])
def test_every_file_name_is_restored(name: str, own_settings: Settings, tmp_path: Path, run: Run) -> None:
    (own_settings.data / "added").mkdir(exist_ok=True)
    (own_settings.data / "added" / name).write_bytes(b"a" * 1024)
    assert run("backup", tmp_path / "saved.tar.gz", "--data", own_settings.data)[0] == 0
    assert run("restore", tmp_path / "saved.tar.gz", "--data", tmp_path / "elsewhere")[0] == 0
    assert (tmp_path / "elsewhere" / "added" / name).read_bytes() == b"a" * 1024


def test_a_restore_asks_for_the_space_that_it_needs(
    own_settings: Settings, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("backup", tmp_path / "saved.tar.gz", "--data", own_settings.data)
    monkeypatch.setattr("bot.running.storage.backup.disk_usage", lambda _: SimpleNamespace(free=4096))
    status, printed = run("restore", tmp_path / "saved.tar.gz", "--data", tmp_path / "elsewhere")
    assert (status, "空きは 0 MB です" in printed.replace("\n", "")) == (2, True)
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["build.lock"]


def test_a_damaged_index_is_not_backed_up_over_a_good_backup(own_settings: Settings, tmp_path: Path, run: Run) -> None:
    file, name = tmp_path / "saved.tar.gz", current_name(own_settings)
    run("backup", file, "--data", own_settings.data)
    before = file.read_bytes()
    assert name
    (generation_folder(own_settings.data, name) / "passages.sqlite").write_bytes(b"{}")
    status, printed = run("backup", file, "--data", own_settings.data)
    assert status == 2
    assert "passages.sqlite" in printed
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.glob(".saved*")] == []


def test_a_backup_during_a_build_is_refused(own_settings: Settings, tmp_path: Path, run: Run) -> None:
    with lock_data_folder(own_settings.data):
        status, printed = run("backup", tmp_path / "saved.tar.gz", "--data", own_settings.data)
    assert status == 2
    assert "終わってから" in printed


def test_answers_given_during_a_backup_do_not_break_it(
    serving: Service, own_settings: Settings, tmp_path: Path
) -> None:
    def ask() -> None:
        for _ in range(30):
            serving.ask(Question(question="ごみの出し方を知りたい"))

    files = [tmp_path / f"{number}.tar.gz" for number in range(3)]
    with ThreadPoolExecutor(1) as thread:
        asking = thread.submit(ask)
        assert [main(["backup", str(file), "--data", str(own_settings.data)]) for file in files] == [0, 0, 0]
        asking.result()
    for file in files:
        folder = tmp_path / file.name[0]
        assert main(["restore", str(file), "--data", str(folder)]) == 0
        with closing(sqlite3.connect(folder / "shirube.sqlite")) as records:
            assert records.execute("PRAGMA foreign_key_check").fetchall() == []
        shutil.rmtree(folder)


def test_only_its_owner_reads_a_backup(own_settings: Settings, tmp_path: Path, run: Run) -> None:
    run("backup", tmp_path / "saved.tar.gz", "--data", own_settings.data)
    assert (tmp_path / "saved.tar.gz").stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("serving")
def test_a_backup_says_that_records_elsewhere_need_their_own(
    own_settings: Settings, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIRUBE_DATABASE_URL", f"sqlite:///{tmp_path}/elsewhere.sqlite")
    assert "pg_dump" in run("backup", tmp_path / "saved.tar.gz", "--data", own_settings.data)[1].replace("\n", "")
    assert "shirube.sqlite に戻しました" in run("restore", tmp_path / "saved.tar.gz", "--data", tmp_path / "data")[1]


ASKED = Question(question="計画の期間は何年間ですか")
# One second of silence and two for a new connection; without a limit, the 30 seconds of a statement.
LONGEST_S = 25.0


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


@pytest.fixture
def service(server: Cluster, settings: Settings, own_data: Path) -> Iterator[Service]:
    url = SecretStr(f"{server.url}?connections=4")
    with open_service(settings.model_copy(update={"data": own_data, "database_url": url})) as opened:
        opened.ask(ASKED)
        yield opened


@contextmanager
def outage(server: Cluster, fault: str) -> Iterator[None]:
    if fault == "freeze":
        server.signal(signal.SIGSTOP)
    else:
        server.kill() if fault == "kill" else server.stop()
    try:
        yield
    finally:
        server.signal(signal.SIGCONT) if fault == "freeze" else server.start()


@pytest.mark.parametrize("fault", ["kill", "freeze"])
def test_questions_are_answered_in_time_while_the_server_is_away_and_recorded_later(
    server: Cluster, service: Service, fault: str
) -> None:
    begun = service.ask(ASKED)
    with outage(server, fault):
        with ThreadPoolExecutor(8) as threads:
            timed = list(threads.map(lambda _: _timed_answer(service), range(16)))
        assert max(seconds for seconds, _ in timed) < LONGEST_S
        answer = timed[0][1]
        follow_up = service.ask(ASKED.model_copy(update={"conversation_id": answer.conversation_id}))
        with pytest.raises(RecordsAwayError):  # what was asked before cannot be read, and must not be guessed
            service.ask(ASKED.model_copy(update={"conversation_id": begun.conversation_id}))
        assert service.health() == Health(answers=True, records=False)
    deadline = time.monotonic() + 60
    while not service.health().records and time.monotonic() < deadline:
        time.sleep(0.2)
    recorded = [turn.answer.answer_id for turn in service.conversation(answer.conversation_id)]
    assert recorded == [answer.answer_id, follow_up.answer_id]


def _timed_answer(service: Service) -> tuple[float, Answer]:
    started = time.monotonic()
    answer = service.ask(ASKED)
    return time.monotonic() - started, answer


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


def test_pages_without_records_go_on(server: Cluster, service: Service) -> None:
    client = TestClient(create_app(service, service.settings))
    with outage(server, "stop"):
        for path in ("/api/documents", "/api/search?q=計画", "/documents", "/health", "/ready", "/metrics"):
            assert client.get(path).status_code == 200, path
        refused = [
            client.post("/api/feedback", json={"answer_id": "a", "rating": "up"}),
            client.delete("/api/conversations/a"),
            client.get("/api/documents", headers={"authorization": "Bearer shirube_nobody"}),
        ]
    for response in refused:
        assert response.status_code == 503
        assert "retry-after" in response.headers
        assert "しばらく待ってから" in response.json()["detail"]


REPORT = {"format": 3, "created": "2026-01-01T00:00:00Z", "release": "0.39.1", "generation": None}
METADATA = json.dumps(REPORT).encode()


def member(name: str, content: bytes = b"a", size: int | None = None, **values: object) -> bytes:
    info = tarfile.TarInfo(name)
    info.size = len(content) if size is None else size
    for key, value in values.items():
        setattr(info, key, value)
    return info.tobuf(tarfile.PAX_FORMAT) + content + bytes(-len(content) % 512)


def extended(key: str, value: str, kind: bytes = tarfile.XHDTYPE) -> bytes:
    record = f" {key}={value}\n".encode()
    length = len(record) + 2 if len(record) < 90 else len(record) + len(str(len(record) + 5))
    return member("pax", str(length).encode() + record, type=kind)


def long_name(name: str) -> bytes:
    return member("././@LongLink", name.encode() + b"\0", type=tarfile.GNUTYPE_LONGNAME) + member(name[:90])


def of_type(kind: bytes, name: str = "link", target: str = "/etc/passwd") -> bytes:
    return member(name, b"", type=kind, linkname=target)


OUTSIDE = "../outside.md"
KINDS: dict[str, bytes | Callable[[], bytes]] = {
    "parent folder": member(OUTSIDE),
    "parent folder within": member("added/../../outside.md"),
    "absolute": member("/tmp/outside.md"),
    "absolute by header": extended("path", "/tmp/outside.md") + member("a"),
    "parent folder by header": extended("path", OUTSIDE) + member("a"),
    "this folder": member("./a"),
    "empty part": member("added//a"),
    "no name": member(""),
    "backslash": member("..\\outside.md"),
    "drive": member("C:outside.md"),
    "control character": member("a\x1b[2J.md"),
    "line break by header": extended("path", "a\nb") + member("a"),
    "NUL by header": extended("path", "a\0b") + member("a"),
    "hidden": member(".replaced-1"),
    "hidden folder": member("added/.x/a"),
    "staging folder": member(".restoring/a"),
    "lock": member("build.lock"),
    "lock in capitals": member("BUILD.LOCK"),
    "journal": member("shirube.sqlite-wal"),
    "symbolic link": of_type(tarfile.SYMTYPE),
    "symbolic link and a file behind it": of_type(tarfile.SYMTYPE, "added", "..") + member("added/outside.md"),
    "link to the folder itself": of_type(tarfile.SYMTYPE, "added", ".") + member("added/outside.md"),
    "long chain of links": b"".join(of_type(tarfile.SYMTYPE, f"l{n}", "d" * 90 + f"/l{n + 1}") for n in range(60)),
    "hard link": of_type(tarfile.LNKTYPE),
    "hard link and the same name": of_type(tarfile.LNKTYPE, "a", OUTSIDE) + member("a"),
    "link by header": extended("linkpath", OUTSIDE) + of_type(tarfile.SYMTYPE),
    "pipe": of_type(tarfile.FIFOTYPE),
    "character device": member("null", b"", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
    "block device": member("sda", b"", type=tarfile.BLKTYPE, devmajor=8, devminor=0),
    "contiguous file": member("a", type=tarfile.CONTTYPE),
    "sparse file of GNU": member("a", type=tarfile.GNUTYPE_SPARSE),
    "sparse file by header": extended("GNU.sparse.realsize", "9" * 12) + member("a"),
    "sparse map without end": extended("GNU.sparse.major", "1") + member("a", b"9"),
    "long name of GNU": long_name("a" * 200),
    "long name of GNU outside": long_name("../" * 50 + "a"),
    "long link of GNU": member("x", OUTSIDE.encode(), type=tarfile.GNUTYPE_LONGLINK) + of_type(tarfile.SYMTYPE),
    "header for all": extended("path", OUTSIDE, tarfile.XGLTYPE) + member("a"),
    "headers in a row": extended("path", "a") * 2_000 + member("a"),
    "header of a gigabyte": member("pax", b"", size=1 << 30, type=tarfile.XHDTYPE),
    "unknown header": extended("SCHILY.xattr.user.x", "1") + member("a"),
    "unknown type": member("a", type=b"Z"),
    "folder with content": member("added", b"a", type=tarfile.DIRTYPE),
    "negative size": extended("size", "-512") + member("a"),
    "size in letters": extended("size", "many") + member("a"),
    "more than there is": member("a", b"a", size=1 << 20),
    "wrong checksum": member("a").replace(b"a", b"b", 1),
    "letters that are no text": member("a").replace(b"a", b"\xff", 1),
    "same name": member("added/a") * 2,
    "same name in capitals": member("added/a") + member("Added/A"),
    "same name, otherwise composed": member("added/\u304c") + member("added/\u304b\u3099"),
    "file and folder": member("added/a") + member("added/a/b"),
    "folder and file": member("added/a/b") + member("added/a"),
    "metadata twice": member("backup.json", METADATA) * 2,
    "1,500 folders": extended("path", "/".join("d" * 1_500)) + member("a"),
    "name of 5,000 letters": extended("path", "a" * 5_000) + member("a"),
    "data after the end": bytes(1024) + member(OUTSIDE),
    "zeros": lambda: member("a", bytes(150 << 20)),
    "thousands of empty files": lambda: b"".join(member(f"{n}", b"") for n in range(26_000)),
}
WHOLE = {
    "not first": member("a") + member("backup.json", METADATA),
    "metadata of a gigabyte": member("backup.json", b"", size=1 << 30),
    "nested metadata": member("backup.json", b"[" * 60_000),
    "release in control characters": member("backup.json", METADATA.replace(b"0.39.1", rb"\u001b[2J")),
    "nothing": b"",
}


@pytest.mark.parametrize("kind", [*KINDS, *WHOLE])
def test_nothing_of_a_forged_backup_is_written(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, data = tmp_path / "saved.tar.gz", tmp_path / "inner" / "data"
    data.mkdir(parents=True)
    (data / "kept").write_text("kept")
    content = {**KINDS, **WHOLE}[kind]
    good = b"" if kind in WHOLE else member("backup.json", METADATA) + member("added/good.md")
    file.write_bytes(gzip.compress(good + (content() if callable(content) else content) + bytes(1024), 1))
    assert main(["restore", str(file), "--data", str(data)]) == 2
    printed = capsys.readouterr().err.replace("\n", "")
    assert "ほかのバックアップを使ってください" in printed
    assert "Traceback" not in printed
    assert "\x1b[2J" not in printed
    assert {path.name for path in tmp_path.rglob("*")} <= {"saved.tar.gz", "inner", "data", "kept", "build.lock"}
    assert not Path("/tmp/outside.md").exists()
