"""The HTML pages over the documents of the test city."""

import pytest
from fastapi.testclient import TestClient

from bot.running.server.api import create_app
from bot.running.service.service import Service
from ingest.configuration.settings import Settings


@pytest.fixture(scope="module")
def client(city_service: Service, city_settings: Settings) -> TestClient:
    return TestClient(create_app(city_service, city_settings), follow_redirects=False)
