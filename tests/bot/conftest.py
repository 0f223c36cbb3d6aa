"""Fixtures for tests of answers, such as servers of language models with scripted behaviour."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import wraps

import pytest

from bot.answering.llm.chat_model import ChatModel
from bot.answering.model_answers.judge import Judge
from tests.bot.model_server import Behaviour, ModelServer
from tests.bot.postgresql import Cluster, cluster


@pytest.fixture(scope="session", autouse=True)
def _trusted_judges() -> Iterator[None]:
    init = Judge.__init__

    @wraps(init)
    def trusting(judge: Judge, chat: ChatModel, names: Sequence[str]) -> None:
        init(judge, chat, names)
        judge._trusted = frozenset(names)  # noqa: SLF001

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Judge, "__init__", trusting)
        yield


@pytest.fixture
def model_server() -> Iterator[Callable[[Behaviour], ModelServer]]:
    with ExitStack() as stack:
        yield lambda behaviour: stack.enter_context(ModelServer(behaviour))


@pytest.fixture(scope="session")
def database_server() -> Iterator[Cluster]:
    with cluster() as running:
        yield running
