"""An identity provider and a server that sends people to it, which the tests of a file share."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest

from tests.bot.running.auth.inner import sign_in_of
from tests.bot.running.auth.provider import State, provider, provider_app
from tests.bot.server_thread import listening


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[State, str, Path]]:
    data = tmp_path_factory.mktemp("data")
    with provider() as office:
        app = provider_app(office, data)
        sign_in_of(app).sessions.all()  # creates the database
        with listening(app) as url:
            yield office, url, data


@pytest.fixture
def office(shared: tuple[State, str, Path]) -> State:
    office, _, data = shared
    vars(office).update(vars(State(url=office.url)))
    with closing(connect(data / "shirube.sqlite")) as records, records:
        for table in ("sessions", "identities"):
            records.execute(f"delete from {table}")
    return office
