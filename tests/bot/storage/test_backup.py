"""Tests of `python -m bot backup` and `restore`."""

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.__main__ import main
from bot.service import Service, open_service
from bot.state import Question
from bot.storage.database import engine_at
from bot.storage.tables import turns
from ingest.configuration.settings import Settings
from ingest.configuration.storage import lock_data_folder
from ingest.index.generation import current_name, generation_folder
from tests.bot.postgresql import Cluster
from tests.bot.storage.test_copying import add_conversations

pytest_plugins = ["tests.bot.city_index"]


@pytest.fixture
def serving(own_settings: Settings) -> Iterator[Service]:
    with open_service(own_settings) as service:
        service.ask(Question(question="ごみの出し方を知りたい"))
        yield service


def run_command(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    status = main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return status, printed.out + printed.err


def answers(data: Path) -> int:
    with closing(sqlite3.connect(data / "shirube.sqlite")) as records:
        count: int = records.execute("SELECT count(*) FROM turns").fetchone()[0]
    return count


@pytest.mark.usefixtures("serving")
def test_a_backup_of_a_running_server_restores_everything(
    own_settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, elsewhere = tmp_path / "saved.zip", tmp_path / "elsewhere"
    assert run_command(capsys, "backup", file, "--data", own_settings.data)[0] == 0
    status, printed = run_command(capsys, "restore", file, "--data", elsewhere)
    assert status == 0
    assert "回答 1件" in printed
    assert answers(elsewhere) == 1
    assert current_name(own_settings.model_copy(update={"data": elsewhere})) == current_name(own_settings)
    with open_service(own_settings.model_copy(update={"data": elsewhere})) as restored:
        assert restored.documents()


@pytest.mark.usefixtures("serving")
def test_restoring_keeps_the_previous_contents_aside(
    own_settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, data = tmp_path / "saved.zip", own_settings.data
    run_command(capsys, "backup", file, "--data", data)
    (data / "added").mkdir(exist_ok=True)
    (data / "added" / "later.md").write_text("# あとから\n\n本文です。", "utf-8")
    status, printed = run_command(capsys, "restore", file, "--data", data)
    assert status == 0
    assert not (data / "added" / "later.md").exists()
    (kept,) = data.glob(".replaced-*")
    assert (kept / "added" / "later.md").exists()
    assert str(kept) in printed.replace("\n", "")


@pytest.mark.parametrize("harm", ["cut", "altered", "no backup"])
def test_a_damaged_backup_changes_nothing(
    own_settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str], harm: str
) -> None:
    file, data = tmp_path / "saved.zip", own_settings.data
    run_command(capsys, "backup", file, "--data", data)
    whole = file.read_bytes()
    if harm == "altered":
        with zipfile.ZipFile(file, "a") as archive:
            archive.writestr("added/foreign.md", "だれかが足した文書")
    else:
        file.write_bytes(whole[: len(whole) // 2] if harm == "cut" else b"plain text")
    before = sorted(path.name for path in data.iterdir())
    status, printed = run_command(capsys, "restore", file, "--data", data)
    assert status == 2
    assert "ほかのバックアップを使ってください" in printed
    assert sorted(path.name for path in data.iterdir()) == before


@pytest.mark.parametrize(
    ("metadata", "size", "message"),
    [
        ({"files": []}, 0, "バックアップとして読めません"),
        ({"files": {"a": 1}}, 0, "バックアップとして読めません"),
        ({"format": "one"}, 0, "バックアップとして読めません"),
        ({"format": 1}, 0, "別の版のしるべ"),
        ({}, 150_000_000, "倍）になり"),
    ],
)
def test_a_forged_backup_is_refused_before_it_is_unpacked(
    metadata: dict[str, object], size: int, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, data = tmp_path / "forged.zip", tmp_path / "data"
    written = {"format": 2, "created": "2026-01-01", "release": "1", "generation": None, "files": {}, **metadata}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("backup.json", json.dumps(written))
        archive.writestr("added/zeros", bytes(size))
    status, printed = run_command(capsys, "restore", file, "--data", data)
    assert status == 2
    assert message in printed.replace("\n", "")
    assert not list(data.glob("**/zeros"))


def test_a_damaged_index_is_not_backed_up_over_a_good_backup(
    own_settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, name = tmp_path / "saved.zip", current_name(own_settings)
    run_command(capsys, "backup", file, "--data", own_settings.data)
    before = file.read_bytes()
    assert name
    (generation_folder(own_settings.data, name) / "passages.jsonl").write_bytes(b"{}")
    status, printed = run_command(capsys, "backup", file, "--data", own_settings.data)
    assert status == 2
    assert "passages.jsonl" in printed
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.glob(".saved*")] == []


def test_a_backup_during_a_build_is_refused(
    own_settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with lock_data_folder(own_settings.data):
        status, printed = run_command(capsys, "backup", tmp_path / "saved.zip", "--data", own_settings.data)
    assert status == 2
    assert "終わってから" in printed


def test_answers_given_during_a_backup_do_not_break_it(
    serving: Service, own_settings: Settings, tmp_path: Path
) -> None:
    def ask() -> None:
        for _ in range(30):
            serving.ask(Question(question="ごみの出し方を知りたい"))

    files = [tmp_path / f"{number}.zip" for number in range(3)]
    with ThreadPoolExecutor(1) as thread:
        asking = thread.submit(ask)
        assert [main(["backup", str(file), "--data", str(own_settings.data)]) for file in files] == [0, 0, 0]
        asking.result()
    for file in files:
        folder = tmp_path / file.stem
        assert main(["restore", str(file), "--data", str(folder)]) == 0
        with closing(sqlite3.connect(folder / "shirube.sqlite")) as records:
            assert records.execute("PRAGMA foreign_key_check").fetchall() == []
        shutil.rmtree(folder)


def test_only_its_owner_reads_a_backup(
    own_settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_command(capsys, "backup", tmp_path / "saved.zip", "--data", own_settings.data)
    assert (tmp_path / "saved.zip").stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("serving")
def test_the_whole_and_its_offices_have_separate_backups(
    own_settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, data = tmp_path / "saved.zip", own_settings.data
    theirs = data / "tenants" / "ashino" / "audit.jsonl"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("{}\n", "utf-8")
    assert "SHIRUBE_TENANT" in run_command(capsys, "backup", file, "--data", data)[1]
    with zipfile.ZipFile(file) as archive:
        assert [name for name in archive.namelist() if name.startswith("tenants")] == []
    assert run_command(capsys, "restore", file, "--data", data)[0] == 0
    assert theirs.read_text("utf-8") == "{}\n"


@pytest.mark.usefixtures("serving")
def test_records_are_restored_into_the_database_of_the_settings(
    own_settings: Settings,
    database_server: Cluster,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second, elsewhere = tmp_path / "first.zip", tmp_path / "second.zip", tmp_path / "elsewhere"
    run_command(capsys, "backup", first, "--data", own_settings.data)
    url = database_server.create_database()
    monkeypatch.setenv("SHIRUBE_DATABASE_URL", url)
    status, printed = run_command(capsys, "restore", first, "--data", elsewhere)
    assert status == 0
    assert "データベースに写し" in printed.replace("\n", "")
    with engine_at(url).connect() as connection:
        assert connection.scalar(select(func.count()).select_from(turns)) == 1
    assert list(elsewhere.glob("shirube.sqlite*")) == []
    assert "回答 1件" in run_command(capsys, "backup", second, "--data", elsewhere)[1]
    monkeypatch.delenv("SHIRUBE_DATABASE_URL")
    run_command(capsys, "restore", second, "--data", tmp_path / "back")
    assert answers(tmp_path / "back") == 1


@pytest.mark.usefixtures("serving")
def test_a_database_with_other_records_is_not_restored_into(
    own_settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, other = tmp_path / "saved.zip", tmp_path / "other.sqlite"
    run_command(capsys, "backup", file, "--data", own_settings.data)
    add_conversations(other, ["another"])
    before = sorted(path.name for path in own_settings.data.iterdir())
    monkeypatch.setenv("SHIRUBE_DATABASE_URL", f"sqlite:///{other}")
    status, printed = run_command(capsys, "restore", file, "--data", own_settings.data)
    assert status == 2
    assert "写す元にない記録があります" in printed.replace("\n", "")
    assert sorted(path.name for path in own_settings.data.iterdir()) == before
