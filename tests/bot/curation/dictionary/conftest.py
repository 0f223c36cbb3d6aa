"""One index of the leaflet for all tests of the dictionary, with an empty dictionary for each."""

from collections.abc import Iterator

import pytest

from bot.service import Service
from ingest.configuration.settings import Settings
from tests.bot.curation.dictionary.leaflet import build_leaflet, service_without_entries


@pytest.fixture(scope="session")
def leaflet(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return build_leaflet(tmp_path_factory.mktemp("leaflet"))


@pytest.fixture
def service(leaflet: Settings) -> Iterator[Service]:
    with service_without_entries(leaflet) as opened:
        yield opened
