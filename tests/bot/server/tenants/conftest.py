"""The towns of these tests: once with a SQLite each, once with a schema each of a PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.pages.mount import mount_pages
from ingest.configuration.settings import Settings
from tests.bot.postgresql import Cluster
from tests.bot.server.tenants.prefecture import Prefecture, prefecture


@pytest.fixture(scope="package")
def indexed(corpus_data: Path, city_settings: Settings) -> dict[str, Path]:
    return {"kanazawa": corpus_data, "hoshimi": city_settings.data}


@pytest.fixture(scope="package")
def with_pages(indexed: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prefecture]:
    with prefecture(tmp_path_factory.mktemp("towns"), indexed, mount_pages) as found:
        yield found


@pytest.fixture(scope="package")
def on_postgresql(
    indexed: dict[str, Path], database_server: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prefecture]:
    url = SecretStr(database_server.create_database())
    with prefecture(tmp_path_factory.mktemp("towns"), indexed, database_url=url) as found:
        yield found


@pytest.fixture(params=["with_pages", "on_postgresql"])
def towns(request: pytest.FixtureRequest) -> Prefecture:
    found: Prefecture = request.getfixturevalue(request.param)
    return found
