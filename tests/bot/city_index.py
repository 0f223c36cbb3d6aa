"""Fixtures over the index of the test city (`documents/`), a plugin for the test modules that ask it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.answering.pipeline import OpenedIndex, Pipeline, open_pipeline
from bot.running.service.service import Service, open_service
from ingest.configuration.settings import Settings
from ingest.embedding import open_encoder
from ingest.index.index import Index, open_index
from tests.bot.answer_assertions import DOCUMENTS, TODAY, Ask
from tests.bot.town_questions import asking
from tests.conftest import indexed_once, without_records


@pytest.fixture(scope="session")
def city_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return settings over the city's index, with which a language model proposes no search queries.

    Tests that write use `own_settings`.
    """
    data = indexed_once(DOCUMENTS, "city", tmp_path_factory)
    return Settings(_env_file=None, data=data, corpus=DOCUMENTS, llm_queries=False)


@pytest.fixture
def own_settings(city_settings: Settings, tmp_path: Path) -> Settings:
    without_records(city_settings.data, tmp_path / "data")
    return city_settings.model_copy(update={"data": tmp_path / "data"})


@pytest.fixture(scope="session")
def city_index(city_settings: Settings) -> Iterator[Index]:
    with open_index(city_settings) as index:
        yield index


@pytest.fixture(scope="session")
def city(city_settings: Settings, city_index: Index) -> OpenedIndex:
    return open_pipeline(city_index, open_encoder(city_settings), contact="環境政策課の窓口")


@pytest.fixture(scope="session")
def city_pipeline(city: OpenedIndex) -> Pipeline:
    return city.pipeline


@pytest.fixture(scope="session")
def city_service(city_settings: Settings) -> Iterator[Service]:
    with open_service(city_settings, lambda: TODAY) as service:
        yield service


@pytest.fixture(scope="session")
def ask(city_service: Service, city_index: Index) -> Ask:
    return asking(city_service, city_index)
