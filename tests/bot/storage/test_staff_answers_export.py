"""Tests of moving the answers and the dictionary of earlier versions out of the database."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.errors import DeskError
from bot.service import open_service
from bot.state import Question
from bot.storage.database import database_url, open_database
from bot.storage.staff_answers_export import refuse_unexported
from ingest.build.build import build
from ingest.configuration.settings import Settings
from tests.bot.answer_assertions import DOCUMENTS, TODAY
from tests.bot.curation.desks import UNKNOWN

OLD = """
CREATE TABLE queue_groups (id TEXT, state TEXT, note TEXT, by TEXT);
CREATE TABLE queue_entries (answer_id TEXT REFERENCES turns (answer_id), group_id TEXT);
CREATE TABLE curated_versions (number INTEGER PRIMARY KEY, curated_id TEXT, version INTEGER, text TEXT, sources JSON,
  wordings JSON, author TEXT, valid_from DATE, valid_until DATE, withdrawn BOOLEAN, note TEXT, created TIMESTAMP);
INSERT INTO queue_groups VALUES ('g', 'dismissed', '市の仕事でない', '花子');
UPDATE alembic_version SET version_num = '0.30.0';
DROP TABLE closed_questions;
ALTER TABLE sessions ADD COLUMN provider_session VARCHAR(255);
ALTER TABLE sessions ADD COLUMN role_unread BOOLEAN;
ALTER TABLE model_calls ADD COLUMN cost FLOAT;
CREATE TABLE sign_in_failures (key VARCHAR(64) PRIMARY KEY);
CREATE TABLE start_tokens (digest VARCHAR(64) PRIMARY KEY);
CREATE TABLE workbench_scores (number INTEGER PRIMARY KEY);
CREATE TABLE workbench_preferences (number INTEGER PRIMARY KEY);
"""
DICTIONARY = """
CREATE TABLE dictionary_versions (number INTEGER PRIMARY KEY, entry_id TEXT, version INTEGER, name TEXT, official TEXT,
  kind TEXT, note TEXT, removed BOOLEAN, by TEXT, created TIMESTAMP);
INSERT INTO dictionary_versions VALUES (1, 'e', 1, 'ジム', '第一体育館', 'common', '', 0, '花子', '2026-05-01');
"""
SOURCES = '[{"doc_id": "kankyo-plan-2.0", "section": "補助"}]'
VERSIONS = [("a", "古い", 0), ("a", "窓口は2階です[1]。", 0), ("b", "x", 1)]
DISMISSED = "市民プールの更衣室は広いですか"


@pytest.fixture
def earlier(tmp_path: Path) -> Settings:
    """Return settings over records of 0.37 with an answer in two versions and a withdrawn one."""
    settings = Settings(_env_file=None, data=tmp_path / "data", corpus=DOCUMENTS)
    build(settings, [DOCUMENTS])
    with open_service(settings, lambda: TODAY) as service:
        answer_id = service.ask(Question(question=DISMISSED)).answer_id
    with closing(sqlite3.connect(settings.data / "shirube.sqlite")) as database:
        database.executescript(OLD + DICTIONARY)
        database.execute("INSERT INTO queue_entries VALUES (?, 'g')", [answer_id])
        for number, (key, text, withdrawn) in enumerate(VERSIONS):
            database.execute(
                "INSERT INTO curated_versions VALUES (?, ?, ?, ?, ?, ?, '花子', NULL, NULL, ?, '', '2026-05-01')",
                [number, key, number, text, SOURCES, f'["{UNKNOWN}", "環境講座の電話は?"]', withdrawn],
            )
        database.commit()
    return settings


def test_answers_of_an_earlier_version_are_served_from_their_file(
    earlier: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIRUBE_CORPUS", str(DOCUMENTS))
    engine = open_database(database_url(earlier))
    with pytest.raises(DeskError, match="export-staff-answers"):
        refuse_unexported(engine)
    assert main(["export-staff-answers", "--data", str(earlier.data)]) == 0
    assert "staff-answers.csv に1件" in capsys.readouterr().out
    refuse_unexported(engine)
    engine.dispose()
    assert "ジム,第一体育館,通称" in (earlier.data / "dictionary.csv").read_text("utf-8-sig")
    build(earlier, [DOCUMENTS])
    with open_service(earlier, lambda: TODAY) as service:
        answer = service.ask(Question(question=UNKNOWN))
        (row,) = service.faq.rows("staff-answers")
        assert service.open_questions.all() == []
    assert answer.generator == "curated"
    assert answer.answer == "窓口は2階です[1]。"
    assert (row.cell("有効開始"), row.cell("出典")) == ("2025-04-01", "kankyo-plan-2.0 補助")
