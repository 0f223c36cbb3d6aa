from typing import Any

import pytest
from fastapi.testclient import TestClient

from ingest.configuration.settings import Settings
from tests.bot.desk.pages.console import ask, staff_client
from tests.bot.html_page import HtmlPage
from tests.bot.server_thread import Prepared

HOSTILE = "<script>document.title='乗っ取り'</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def service() -> Prepared:
    return Prepared()


@pytest.fixture(scope="module")
def client(service: Prepared, tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    return staff_client(service, Settings(_env_file=None, data=tmp_path_factory.mktemp("call")))


class Shown(HtmlPage):
    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(told["html"])
        self.spoken: str = told["spoken"]
        self.copied = self.values("[data-copy]", "data-copy")[0]


def look_up(
    client: TestClient, service: Prepared, changes: dict[str, Any], question: str = "期間は", **form: str
) -> Shown:
    service.changes = changes
    return Shown(ask(client, question, **form))


def test_the_cited_passage_comes_first_with_its_quote_highlighted(client: TestClient, service: Prepared) -> None:
    shown = look_up(client, service, {})
    assert shown.texts(".source[open] mark") == ["期間は令和8年度から"]
    assert shown.texts(".source .number")[0] == "根拠1"
    assert shown.count("[href*=compare]") == 0  # nothing replaced it
    (source,) = shown.texts(".source")
    for told in ("計画2.0", "現行", "2026年1月"):
        assert told in source
    assert "（現行）" in shown.copied
    assert "/documents/plan-2?passage=plan-2%233" in shown.copied


def test_audience_and_date_reach_the_service(client: TestClient, service: Prepared) -> None:
    shown = look_up(client, service, {}, as_of="2025-04-01")
    assert [(one.audience, str(one.as_of)) for one in service.asked[-1:]] == [("staff", "2025-04-01")]
    assert shown.texts(".as-of") == ["2025年4月1日の時点"]
    assert shown.texts(".source .badge")[0] == "期間外"
    assert "2025年4月1日の時点" in shown.copied
    assert client.post("/staff/ask", data={"question": "期間は", "as_of": "x"}).status_code == 422


def test_a_past_date_is_stated_with_what_was_in_force(client: TestClient, service: Prepared) -> None:
    ungoverned = "この日に効力のある計画はありません"
    assert ungoverned in look_up(client, service, {}, as_of="2020-06-01").html
    shown = look_up(client, service, {}, as_of="2026-05-01")
    assert ungoverned not in shown.html
    assert shown.texts(".source .badge")[0] == "この日に有効"
    assert "この日に効力がありました" in shown.texts(".source")[0]
    assert "現行" not in shown.texts(".panes")[0]
    assert "（この日に有効）" in shown.copied


def test_markup_of_documents_and_users_is_escaped(client: TestClient, service: Prepared) -> None:
    changes = {"answer": HOSTILE + "[1]", "notices": (HOSTILE,), "suggestions": (HOSTILE,)}
    shown = look_up(client, service, changes, HOSTILE)
    assert HOSTILE in shown.texts(".said")[0]
    assert shown.count("script, img[src=x]") == 0
