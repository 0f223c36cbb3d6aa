from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from bot.running.service.service import Service, open_service
from ingest.configuration.audit import read_events
from ingest.configuration.settings import Settings
from tests.bot.answering.question.leaflet import ask, build_leaflet
from tests.bot.desk.pages.console import staff_client
from tests.bot.html_page import HtmlPage

ROW = {"name": "ジム", "official": "第一体育館", "kind": "通称", "note": ""}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return build_leaflet(tmp_path_factory.mktemp("dictionary"), "呼び名,正式な名前\nぐるっと号,地域循環バス\n")


@pytest.fixture(scope="module")
def opened(settings: Settings) -> Iterator[Service]:
    with open_service(settings) as service:
        yield service


@pytest.fixture
def service(opened: Service, settings: Settings) -> Service:
    (settings.data / "dictionary.csv").unlink(missing_ok=True)
    return opened


@pytest.fixture
def client(service: Service, settings: Settings) -> TestClient:
    return staff_client(service, settings)


def rows(client: TestClient) -> list[str]:
    page = HtmlPage(client.get("/staff/dictionary").raise_for_status().text)
    return page.texts("tbody tr")


def test_staff_without_the_editor_role_have_no_form(service: Service, settings: Settings) -> None:
    page = HtmlPage(staff_client(service, settings, "staff").get("/staff/dictionary").raise_for_status().text)
    assert "ぐるっと号" in page.texts("tbody tr")[0]
    assert page.count("form[data-post]") == 0


def test_a_row_is_added_changed_and_removed(client: TestClient, service: Service, settings: Settings) -> None:
    client.post("/staff/dictionary", data=ROW).raise_for_status()
    assert "21時" in ask(service, "ジムの開館時間は?").answer
    (entry,) = [entry for entry in service.names.dictionary.read().entries if entry.name == "ジム"]
    client.post("/staff/dictionary", data=ROW | {"key": entry.key, "official": "第三体育館"}).raise_for_status()
    assert any("ジム" in row and "いまの文書に見当たりません" in row for row in rows(client))
    assert client.post("/staff/dictionary", data=ROW | {"key": entry.key}).status_code == 409
    assert client.post("/staff/dictionary", data=ROW | {"name": "どこ"}).status_code == 422
    (entry,) = [entry for entry in service.names.dictionary.read().entries if entry.name == "ジム"]
    client.request("DELETE", "/staff/dictionary", data=ROW | {"key": entry.key}).raise_for_status()
    assert len(rows(client)) == 1
    assert [event.detail for event in read_events(settings) if event.action == "dictionary"][-1] == (
        "「ジム」→「第一体育館」を外しました"
    )


def test_the_file_is_downloaded_and_uploaded(client: TestClient, service: Service) -> None:
    content = client.get("/api/export/dictionary.csv").raise_for_status().content
    assert "ぐるっと号,地域循環バス,通称" in content.decode("utf-8-sig")
    files = {"file": ("words.csv", content + "ジム,第二体育館,旧称,\r\n".encode(), "text/csv")}
    client.post("/staff/dictionary/file", files=files).raise_for_status()
    assert len(rows(client)) == 2
    assert "18時" in ask(service, "ジムの開館時間は?").answer
