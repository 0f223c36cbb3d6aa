import json
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import SecretStr

from bot.answering.llm.model_calls import ModelCall, TokenCounts
from bot.answering.privacy.personal import UnmaskedText
from bot.answering.state import Answer, Exchange, Question, RejectedSentence, Status, TextBlock, Turn
from bot.errors import UnknownConversationError
from bot.running.service.service import Health, open_service
from bot.running.storage import migrations
from bot.running.storage.database import database_url, engine_at, open_database, sqlite_url
from bot.running.storage.record_store import RecordedTurn, Store
from bot.running.storage.tables import metadata
from ingest.configuration.settings import Settings
from ingest.errors import StorageError
from tests.bot.draft_rendering import draft_of, parts_of, with_content
from tests.bot.postgresql import Cluster
from tests.bot.running.server.test_full_disk import full_disk

ROOT = Path(__file__).resolve().parents[4]


def turn(question: str = "期間は?", within: str | None = None) -> Turn:
    asked = Question(question=question, conversation_id=within)
    return Turn(asked, date(2026, 11, 20), draft=draft_of("4か年です。", subject="期間"))


def answer(conversation_id: str = "c1", answer_id: str = "a1", text: str = "4か年です。") -> Answer:
    return with_content(
        Answer(
            answer_id=answer_id,
            conversation_id=conversation_id,
            status=Status.SMALLTALK,
            answer=text,
            question_understood="計画の期間は?",
            timings_ms={"total": 1.5},
        )
    )


@pytest.fixture
def url(tmp_path: Path) -> str:
    return database_url(Settings(_env_file=None, data=tmp_path / "data"))


def rows(tmp_path: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(tmp_path / "data" / "shirube.sqlite") as connection:
        return connection.execute(query).fetchall()


def test_records_survive_a_restart(url: str) -> None:
    store = Store(url)
    store.record(turn(), answer("c1"))
    store.close()
    assert Store(url).history("c1") == (
        Exchange(UnmaskedText("計画の期間は?"), "期間", parts_of("4か年です。"), Status.SMALLTALK),
    )


def test_a_conversation_is_restored(url: str) -> None:
    store = Store(url)
    first, second = (answer("c1", answer_id) for answer_id in ("a1", "a2"))
    store.record(turn("期間は?"), first)
    again = turn("体制は?", within="c1")
    store.record(replace(again, question=again.question.model_copy(update={"repeated": True})), second)
    store.feedback("a1", "up")
    store.feedback("a1", "down")
    assert store.recorded_turns("c1") == (
        RecordedTurn("期間は?", first, "down", as_of=date(2026, 11, 20)),
        RecordedTurn("体制は?", second, repeated=True, as_of=date(2026, 11, 20)),
    )
    with pytest.raises(UnknownConversationError):
        store.recorded_turns("elsewhere")


def test_history_is_the_newest_exchanges_oldest_first(url: str, tmp_path: Path) -> None:
    store = Store(url)
    assert rows(tmp_path, "SELECT id FROM conversations") == []
    for number in range(5):
        store.record(turn(within="c1" if number else None), answer("c1", f"a{number}", f"{number}"))
    assert [exchange.parts for exchange in store.history("c1", limit=3)] == [parts_of(text) for text in ("2", "3", "4")]
    assert rows(tmp_path, "SELECT id FROM conversations") == [("c1",)]


def test_an_unknown_conversation_is_refused(url: str) -> None:
    store = Store(url)
    with pytest.raises(UnknownConversationError, match="見つかりません"):
        store.history("never")
    with pytest.raises(UnknownConversationError):
        store.record(turn(within="never"), answer("never"))


def test_an_answer_is_recorded_completely(url: str, tmp_path: Path) -> None:
    store = Store(url)
    store.record(turn("何年?"), answer(), "digest", "g1")
    kept = "question, understood, topic, status, generator, prompt_digest, generation, timings_ms"
    assert rows(tmp_path, f"SELECT {kept}, json_extract(answer, '$.answer') FROM turns") == [
        ("何年?", "計画の期間は?", "期間", "smalltalk", "extractive", "digest", "g1", '{"total": 1.5}', "4か年です。")
    ]


def test_a_table_in_an_answer_of_an_earlier_release_is_shown_as_text(url: str, tmp_path: Path) -> None:
    with closing(Store(url)) as store:
        store.record(turn(), answer(text="表の一行[1]"))
    with sqlite3.connect(tmp_path / "data" / "shirube.sqlite") as connection:
        block = {"type": "table", "caption": "表", "columns": ["館"], "rows": [["東館"]], "cited": [1], "unit": None}
        part = {"source_line": {"segments": []}, "columns": ["館"], "rows": [["東館"]], "cited": [1], "lines": []}
        update = "UPDATE turns SET answer = json_set(answer, '$.blocks', json(?))"
        update += ", content = json_set(content, '$.parts', json(?))"
        connection.execute(update, (json.dumps([block]), json.dumps([part])))
    with closing(Store(url)) as store:
        found = store.answer("a1")
    assert found
    assert [block.text for block in found.blocks if isinstance(block, TextBlock)] == ["表の一行[1]"]
    assert found.content.parts == parts_of("表の一行[1]")


def test_concurrent_threads_lose_no_record(url: str, tmp_path: Path) -> None:
    store = Store(url)

    def one(number: int) -> None:
        store.record(turn(), answer(f"c{number}", f"a{number}"))
        store.feedback(f"a{number}", "up")
        assert len(store.history(f"c{number}")) == 1

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(one, range(100)))
    assert rows(tmp_path, "SELECT (SELECT count(*) FROM turns), (SELECT count(*) FROM feedback)") == [(100, 100)]


WRITE_CONVERSATIONS = """
import sys
from datetime import UTC, datetime
from sqlalchemy import insert
from bot.running.storage.database import open_database
from bot.running.storage.tables import conversations
engine = open_database(sys.argv[1])
for number in range(*map(int, sys.argv[2:])):
    with engine.begin() as connection:
        connection.execute(insert(conversations).values(id=str(number), created=datetime.now(UTC)))
"""


def test_concurrent_processes_create_one_database(url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITE_CONVERSATIONS, url]
    workers = [subprocess.Popen([*command, *span], cwd=ROOT) for span in (("0", "20"), ("20", "40"))]
    assert [worker.wait(timeout=60) for worker in workers] == [0, 0]
    assert rows(tmp_path, "SELECT count(*) FROM conversations") == [(40,)]
    with engine_at(url).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StorageError, match="書き込めるか"):
        Store(database_url(Settings(_env_file=None, data=tmp_path / "data")))


def test_a_damaged_database_is_reported(url: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "shirube.sqlite").write_text("これは記録ではありません" * 100)
    with pytest.raises(StorageError):
        Store(url)
    assert "これは" in (tmp_path / "data" / "shirube.sqlite").read_text()


@pytest.mark.parametrize("url", ["nonsense", "nodb://host/db", "postgresql+nodriver://host/db"])
def test_an_invalid_database_url_is_reported(url: str) -> None:
    with pytest.raises(StorageError, match="SHIRUBE_DATABASE_URL"):
        Store(url)


def test_stopped_sentences_are_recorded(url: str) -> None:
    store = Store(url)
    stopped = (
        RejectedSentence("期間は9か年です。", "出典にありません"),
        RejectedSentence("未定です。", "なし"),
    )
    call = ModelCall("answer", "d" * 64, "試験用", "answered", 12.5, TokenCounts(10, 2, estimated=True))
    by_model = answer("c1").model_copy(update={"calls": (call,)})
    store.record(replace(turn(), draft=draft_of("4か年です。"), rejected=stopped), by_model)
    (told,) = store.recorded_turns("c1")
    assert told.rejected == stopped
    assert told.answer.calls == (call,)


def test_records_before_a_full_disk_are_readable(url: str) -> None:
    store = Store(url)
    acknowledged = []

    def fill() -> None:
        for number in range(1000):
            store.record(turn(within="c1" if number else None), answer("c1", f"a{number}", "4か年です。" * 200))
            acknowledged.append(f"a{number}")

    with full_disk(400_000), pytest.raises(StorageError, match="空き容量"):
        fill()
    assert 1 < len(acknowledged) < 1000
    told = store.recorded_turns("c1", limit=2000)
    assert [one.answer.answer_id for one in told] == acknowledged


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shirube.sqlite"


def write_revision(file: Path, revision: str) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        database.commit()


def test_head_is_the_newest_revision() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_current_head() == migrations.HEAD


@pytest.mark.parametrize("revision", ["0.30.0", "9.0.0"])
def test_a_database_of_another_release_is_refused_and_unchanged(file: Path, revision: str) -> None:
    open_database(sqlite_url(file)).dispose()
    write_revision(file, revision)
    before = file.read_bytes()
    with pytest.raises(StorageError, match=f"開けない版のしるべ（{revision}）"):
        open_database(sqlite_url(file))
    assert file.read_bytes() == before


def test_a_database_without_revision_is_refused(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE conversations (id)")
    with pytest.raises(StorageError, match="開けない版"):
        open_database(sqlite_url(file))


TODAY = date(2026, 11, 21)
ASKED, UNKNOWN = "計画の期間は何年間ですか", "庁舎の食堂の定休日は何曜日ですか"


@pytest.fixture(scope="module")
def database(database_server: Cluster) -> str:
    return database_server.create_database()


@pytest.fixture
def on_postgresql(database: str, settings: Settings, own_data: Path) -> Settings:
    return settings.model_copy(update={"data": own_data, "database_url": SecretStr(database)})


def test_processes_that_start_together_make_the_tables_once(database: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        for engine in threads.map(open_database, [database] * 4):
            engine.dispose()
    with engine_at(database).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_processes_share_the_list_of_questions(on_postgresql: Settings) -> None:
    with open_service(on_postgresql, lambda: TODAY) as service, open_service(on_postgresql, lambda: TODAY) as other:
        answer = service.ask(Question(question=UNKNOWN))
        service.feedback(answer.answer_id, "down", comment="わかりません")
        (question,) = other.open_questions.all()
        other.open_questions.close(question.key, "花子", "市の仕事でない")
        assert service.open_questions.all() == []
        assert service.forget(answer.conversation_id, "利用者").votes == 1
        with pytest.raises(UnknownConversationError):
            other.conversation(answer.conversation_id)


def test_answers_continue_on_a_read_only_database(database: str, on_postgresql: Settings) -> None:
    administrator = engine_at(database)

    def refuse_writes(*, on: bool) -> None:
        with administrator.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if on else 'off'}")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
            connection.exec_driver_sql("SELECT pg_sleep(0.3)")

    with open_service(on_postgresql, lambda: TODAY) as service:
        refuse_writes(on=True)
        try:
            answer = service.ask(Question(question=ASKED))
            assert answer.citations
            assert service.health() == Health(answers=True, records=False)
        finally:
            refuse_writes(on=False)
        again = service.ask(Question(question=ASKED, conversation_id=answer.conversation_id))
        deadline = time.monotonic() + 10
        while not service.health().records and time.monotonic() < deadline:
            time.sleep(0.2)
        recorded = [told.answer.answer_id for told in service.conversation(again.conversation_id)]
        assert recorded == [answer.answer_id, again.answer_id]
    administrator.dispose()
