"""Tests of PostgreSQL, alone and through PgBouncer."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import text

from bot.auth.sign_in import SignIn
from bot.http.limits import RateLimits
from bot.runtime.health import Health
from bot.service import open_service
from bot.state import Question
from bot.storage.database import database_url, engine_at, open_database
from bot.storage.tables import metadata
from ingest.configuration.settings import Settings
from tests.bot.postgresql import Cluster
from tests.conftest import without_records

TODAY = date(2026, 11, 21)
# The schema in which the name of a table is found.
_SCHEMA = "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = CAST(:name AS regclass)"
ASKED, UNKNOWN = "計画の期間は何年間ですか", "庁舎の食堂の定休日は何曜日ですか"


@pytest.fixture(scope="module")
def url(database_server: Cluster) -> str:
    return database_server.create_database()


@pytest.fixture
def on_postgresql(url: str, settings: Settings, tmp_path: Path) -> Settings:
    without_records(settings.data, tmp_path / "data")
    return settings.model_copy(update={"data": tmp_path / "data", "database_url": SecretStr(url)})


@pytest.mark.parametrize("schema", ["", "?schema=tenant_new"])
def test_processes_that_start_together_make_the_tables_once(url: str, schema: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        for engine in threads.map(open_database, [url + schema] * 4):
            engine.dispose()
    with engine_at(url + schema).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_processes_share_the_count_of_wrong_passwords(on_postgresql: Settings) -> None:
    limits = RateLimits(on_postgresql)
    one, other = (SignIn(on_postgresql).attempts(limits) for _ in range(2))
    waits = [attempts.wait_s("192.0.2.1", "花子") > 0 for attempts in (one, other, one, other, one, other)]
    assert waits == [False] * 5 + [True]
    one.record_success("192.0.2.1", "花子")
    assert other.wait_s("192.0.2.1", "花子") == 0


def test_every_table_of_an_office_is_in_its_schema(on_postgresql: Settings) -> None:
    assert [table.schema for table in metadata.tables.values() if table.schema] == []
    for name in ("ashino", "tsuyukusa"):
        engine = open_database(database_url(on_postgresql.model_copy(update={"tenant": name})))
        with engine.connect() as connection:
            assert connection.scalar(text("SHOW search_path")) == f"tenant_{name}"
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
            for table in metadata.tables:
                assert connection.scalar(text(_SCHEMA), {"name": table}) == f"tenant_{name}"


def test_answers_continue_on_a_read_only_database(url: str, on_postgresql: Settings) -> None:
    administrator = engine_at(url)

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
