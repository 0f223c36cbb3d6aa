import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import SecretStr

from bot.answering.state import Question
from bot.errors import UnknownConversationError
from bot.running.service.health import Health
from bot.running.service.service import open_service
from bot.running.storage.database import engine_at, open_database
from bot.running.storage.tables import metadata
from ingest.configuration.settings import Settings
from tests.bot.postgresql import Cluster

TODAY = date(2026, 11, 21)
ASKED, UNKNOWN = "計画の期間は何年間ですか", "庁舎の食堂の定休日は何曜日ですか"


@pytest.fixture(scope="module")
def url(database_server: Cluster) -> str:
    return database_server.create_database()


@pytest.fixture
def on_postgresql(url: str, settings: Settings, own_data: Path) -> Settings:
    return settings.model_copy(update={"data": own_data, "database_url": SecretStr(url)})


def test_processes_that_start_together_make_the_tables_once(url: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        for engine in threads.map(open_database, [url] * 4):
            engine.dispose()
    with engine_at(url).connect() as connection:
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
