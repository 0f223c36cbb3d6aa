"""Fixtures for tests of answers, such as servers of language models with scripted behaviour."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.bot.model_server import Behaviour, ModelServer
from tests.bot.postgresql import Cluster, cluster


@pytest.fixture
def model_server() -> Iterator[Callable[[Behaviour], ModelServer]]:
    """Return a way to start a model's server with a given behaviour; it stops with the test."""
    with ExitStack() as stack:
        yield lambda behaviour: stack.enter_context(ModelServer(behaviour))


@pytest.fixture(scope="session")
def database_server() -> Iterator[Cluster]:
    """Yield a PostgreSQL on which each module has databases of its own; no test stops it."""
    with cluster() as running:
        yield running
