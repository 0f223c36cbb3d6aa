"""The records on a real PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import SecretStr

from bot.answer import Question
from bot.curated.answers import Proposal, Source
from bot.errors import UnknownConversationError
from bot.records.database import engine_at, open_database
from bot.service import open_service
from bot.sign_in.sign_in import SignIn
from bot.web.shapes import FeedbackRequest
from ingest.settings import Settings
from tests.bot.postgresql import postgresql
from tests.bot.test_migrations import all_tables
from tests.conftest import without_records

TODAY = date(2026, 11, 21)
ASKED, UNKNOWN = "計画の期間は何年間ですか", "庁舎の食堂の定休日は何曜日ですか"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Yield the address of a PostgreSQL, which these tests share."""
    with postgresql() as url:
        yield url


@pytest.fixture
def on_postgresql(url: str, settings: Settings, tmp_path: Path) -> Settings:
    """Return settings whose records are there."""
    without_records(settings.data, tmp_path / "data")
    return settings.model_copy(update={"data": tmp_path / "data", "database_url": SecretStr(url)})


def test_processes_that_start_together_make_the_tables_once(url: str) -> None:
    """Four openers of an empty database come in, and it has the tables of the code, down to the columns."""
    with ThreadPoolExecutor(4) as threads:
        for engine in threads.map(open_database, [url] * 4):
            engine.dispose()
    with engine_at(url).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), all_tables()) == []


def test_a_question_goes_all_the_way_to_a_curated_answer(on_postgresql: Settings) -> None:
    """Asked, voted on, taken into the queue, answered by staff, served from there, and told to another service."""
    with open_service(on_postgresql, lambda: TODAY) as service, open_service(on_postgresql, lambda: TODAY) as other:
        answer = service.ask(Question(question=UNKNOWN))
        service.feedback(FeedbackRequest(answer_id=answer.answer_id, rating="down", comment="わかりません"))
        (group,) = other.desk.groups()
        source = Source((passage := other.search(ASKED)[0].passage).id, passage.text[:12])
        text = f"「{source.quote}」とあります。"
        other.desk.publish(Proposal(text, (source,), (UNKNOWN,), "花子", group_id=group.id))
        assert service.ask(Question(question=UNKNOWN)).generator == "curated"
        assert service.forget(answer.conversation_id, "利用者").votes == 1
        with pytest.raises(UnknownConversationError):
            other.conversation(answer.conversation_id)


def test_who_signs_in_is_known_to_every_process(on_postgresql: Settings) -> None:
    """An account made by one process opens the other, and a session of one ends in the other."""
    one, other = SignIn(on_postgresql), SignIn(on_postgresql)
    one.accounts.add("花子", "じゅうもじいじょうのことば", "staff")
    person = other.accounts.person("花子", "じゅうもじいじょうのことば")
    assert person is not None
    one.close()
    other.close()
