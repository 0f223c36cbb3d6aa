"""Tests of databases of earlier releases."""

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

from bot.auth import auth_tables as sign_in_tables
from bot.auth.sign_in import SignIn
from bot.curation.curated_records import CuratedRecords
from bot.curation.group_records import GroupRecords
from bot.http import counters
from bot.state import Answer, Question, RejectedSentence, Status, Turn
from bot.storage import curation_tables as desk_tables
from bot.storage import migrations, record_tables
from bot.storage.database import database_url, engine_at, open_database
from bot.storage.department_records import DepartmentRecords
from bot.storage.record_store import Store
from eval.workbench import verdict_store
from eval.workbench.verdict_store import VerdictStore
from ingest.configuration.settings import Settings
from ingest.errors import StorageError
from tests.bot.draft_rendering import draft_of

DUMPS = sorted((Path(__file__).parent / "databases").glob("*.sql"))
PASSWORD = "じゅうもじいじょうのことば"


def written_by(dump: Path, folder: Path) -> Settings:
    """Return settings over a database as the release of the dump left it."""
    settings = Settings(_env_file=None, data=folder / "data")
    settings.data.mkdir()
    with closing(sqlite3.connect(settings.data / "shirube.sqlite")) as database:
        database.executescript(dump.read_text("utf-8"))
    return settings


def all_tables() -> MetaData:
    """Return the tables that this release's code speaks of, of all rooms."""
    together = MetaData()
    for metadata in {room.metadata for room in (record_tables, desk_tables, sign_in_tables, counters, verdict_store)}:
        for table in metadata.tables.values():
            table.to_metadata(together)
    return together


@pytest.mark.parametrize("dump", DUMPS, ids=lambda path: path.stem)
def test_data_of_earlier_releases_is_readable(dump: Path, tmp_path: Path) -> None:
    settings = written_by(dump, tmp_path)
    store = Store(database_url(settings))
    with closing(sqlite3.connect(settings.data / "shirube.sqlite")) as database:
        conversations = [row[0] for row in database.execute("SELECT id FROM conversations ORDER BY created")]
    first, second = (store.recorded_turns(conversation) for conversation in conversations)
    assert [(told.question, told.rating) for told in first] == [
        ("計画の期間は何年間ですか", "up"),
        ("講座には何人が参加しましたか", "down"),
    ]
    assert [told.question for told in second] == ["庁舎の食堂の定休日は何曜日ですか"]
    groups = GroupRecords(store.engine).groups(["open", "answered"])
    assert sorted(group.state for group in groups) == ["answered", "open"]
    (curated,) = CuratedRecords(store.engine).newest()
    assert curated.wordings == ("庁舎の食堂の定休日は何曜日ですか",)
    person = SignIn(settings).accounts.person("職員一", PASSWORD)
    assert person is not None
    assert person.role == "editor"
    assert [verdict.scorer for verdict in VerdictStore(settings).scored()] == ["採点者"]
    store.close()


@pytest.mark.parametrize("dump", DUMPS, ids=lambda path: path.stem)
def test_new_data_can_be_stored_in_a_migrated_database(dump: Path, tmp_path: Path) -> None:
    store = Store(database_url(written_by(dump, tmp_path)))
    rejected = (RejectedSentence("5か年です。", "数字が出典にありません。"),)
    turn = Turn(Question(question="期間は?"), date(2026, 11, 21), draft=draft_of("4か年です。"), rejected=rejected)
    answer = Answer(answer_id="a1", conversation_id="c1", status=Status.SMALLTALK, answer="4か年です。", timings_ms={})
    store.record(turn, answer)
    assert [told.rejected for told in store.recorded_turns("c1")] == [rejected]
    store.close()


@pytest.mark.parametrize("dump", [*DUMPS, None], ids=lambda path: path.stem if path else "new")
def test_migrated_and_new_databases_have_equal_tables(dump: Path | None, tmp_path: Path) -> None:
    settings = written_by(dump, tmp_path) if dump else Settings(_env_file=None, data=tmp_path / "data")
    with open_database(database_url(settings)).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), all_tables()) == []


def test_departments_without_town_serve_every_town(tmp_path: Path) -> None:
    url = database_url(Settings(_env_file=None, data=tmp_path))
    open_database(url).dispose()
    with closing(sqlite3.connect(tmp_path / "shirube.sqlite")) as database:
        database.execute("ALTER TABLE departments DROP COLUMN town")
        database.execute("ALTER TABLE turns DROP COLUMN content")
        database.execute("DROP TABLE identities")
        database.execute("DROP TABLE dictionary_versions")
        for column in ("provider_session", "role_read", "role_due", "role_unread", "refresh_token"):
            database.execute(f"ALTER TABLE sessions DROP COLUMN {column}")
        database.execute("UPDATE alembic_version SET version_num = '0.5.0'")
        database.execute(
            "INSERT INTO departments VALUES ('d', 1, '生活課', '[\"ごみ\"]', '076-000', '', '', '安', '2026-11-01')"
        )
        database.commit()
    engine = open_database(url)
    records = DepartmentRecords(engine, lambda *_: None)
    (kept,) = records.all()
    assert kept.name == "生活課"
    assert kept.subjects == ("ごみ",)
    assert kept.town == ""
    assert records.save(replace(kept, town="海辺市"), "安奈").version == 2
    assert [one.town for one in records.all()] == ["海辺市"]
    engine.dispose()


def test_expected_revision_is_the_newest() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD


def test_database_of_a_newer_release_is_not_changed(tmp_path: Path) -> None:
    url = database_url(Settings(_env_file=None, data=tmp_path))
    open_database(url).dispose()
    with closing(sqlite3.connect(tmp_path / "shirube.sqlite")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9.0.0'")
        database.commit()
    with pytest.raises(StorageError, match=r"より新しい版のしるべ（9\.0\.0）"):
        open_database(url)
    with closing(sqlite3.connect(tmp_path / "shirube.sqlite")) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [("9.0.0",)]


def test_concurrent_starts_migrate_once(tmp_path: Path) -> None:
    url = database_url(written_by(DUMPS[0], tmp_path))
    failed: list[BaseException] = []

    def come_in() -> None:
        try:
            open_database(url).dispose()
        except BaseException as error:  # noqa: BLE001 -- told in the thread that asserts
            failed.append(error)

    threads = [threading.Thread(target=come_in) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with engine_at(url).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), all_tables()) == []
