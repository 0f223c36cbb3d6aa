"""The plans and minutes of an invented library, full of tables; a plugin of the modules that reckon over them."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.answer import Answer, Question
from bot.service import open_service
from ingest.build import build
from ingest.index import open_index
from ingest.settings import Settings
from tests.bot.asking import Ask, keeps_the_rules

_DOCUMENTS = Path(__file__).parent / "compose" / "library"
_TODAY = date(2024, 12, 1)


@pytest.fixture(scope="session")
def ask_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Yield a way to ask over the library's documents on a day on which its second plan is in force."""
    settings = Settings(_env_file=None, data=tmp_path_factory.mktemp("library"), corpus=_DOCUMENTS)
    build(settings, [_DOCUMENTS])
    with open_index(settings) as index, open_service(settings, lambda: _TODAY) as service:

        def ask(*turns: str, as_of: date | None = None) -> Answer:
            conversation_id = None
            for text in turns:
                answer = service.ask(Question(question=text, conversation_id=conversation_id, as_of=as_of))
                keeps_the_rules(answer, index)
                conversation_id = answer.conversation_id
            return answer

        yield ask
