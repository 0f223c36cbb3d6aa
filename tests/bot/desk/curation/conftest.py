"""A service for each test, over the invented city."""

from collections.abc import Callable, Iterator

import pytest

from bot.answering.state import Answer, Question
from bot.running.service.service import Service, open_service
from ingest.configuration.settings import Settings
from tests.bot.answer_assertions import TODAY


@pytest.fixture
def service(own_settings: Settings) -> Iterator[Service]:
    with open_service(own_settings, lambda: TODAY) as opened:
        yield opened


@pytest.fixture
def ask_question(service: Service) -> Callable[..., Answer]:
    return lambda text, **more: service.ask(Question(question=text, **more))
