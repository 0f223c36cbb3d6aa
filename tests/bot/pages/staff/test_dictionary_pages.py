"""Tests of the dictionary pages, over a service with its index."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from bot.question.dictionary import DictionaryEntry
from bot.service import Service, open_service
from ingest.configuration.settings import Settings
from tests.bot.curation.dictionary.leaflet import build_leaflet
from tests.bot.html_page import HtmlPage
from tests.bot.pages.staff.console import console, staff_client

STORED = DictionaryEntry("ジム", "第一体育館")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, str, Path]]:
    """Yield a service, the address of its console and its data folder."""
    settings = build_leaflet(tmp_path_factory.mktemp("dictionary"))
    with open_service(settings) as service, console(service, settings) as url:
        yield service, url, settings.data


@pytest.fixture
def service(served: tuple[Service, str, Path]) -> Service:
    """Return the service with an empty dictionary."""
    service = served[0]
    for entry in service.dictionary.entries():
        service.dictionary.remove(entry, "テスト")
    return service


@pytest.fixture(scope="module")
def client(served: tuple[Service, str, Path]) -> TestClient:
    service, _, data = served
    return staff_client(service, Settings(_env_file=None, data=data))


def get(client: TestClient, path: str = "", **fields: str | int) -> HtmlPage:
    """Return a page of the dictionary."""
    return HtmlPage(client.get(f"/staff/dictionary{path}", params=fields or None).raise_for_status().text)


def test_staff_without_the_editor_role_have_no_form(served: tuple[Service, str, Path], service: Service) -> None:
    service.dictionary.save(STORED, "次郎")
    staff = staff_client(service, Settings(_env_file=None, data=served[2]), "staff")
    page = get(staff)
    assert "ジム" in page.texts("tbody tr")[0]
    assert page.count("form[data-post]") == 0
    assert staff.get("/staff/dictionary/effects?name=a&official=b").status_code == 403


def test_programs_import_and_export(client: TestClient, service: Service) -> None:
    data, headers = "呼び名,正式な名前\nジム,第一体育館\n".encode(), {"content-type": "text/csv"}
    checked = client.put("/api/dictionary?check=true", content=data, headers=headers).json()
    assert checked["imported"] is False
    assert len(checked["added"]) == 1
    assert service.dictionary.entries() == []
    assert client.put("/api/dictionary", content=data, headers=headers).json()["imported"]
    assert "ジム,第一体育館" in client.get("/api/export/dictionary.csv").text
    assert client.put("/api/dictionary", content=b"x", headers=headers).status_code == 422
