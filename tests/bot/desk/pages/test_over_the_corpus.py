from pathlib import Path

from bot.running.service.service import open_service
from ingest.configuration.settings import Settings
from ingest.metadata.document_states import restore, withdraw
from tests.bot.desk.pages.console import ask, staff_client
from tests.bot.html_page import HtmlPage
from tests.conftest import ROOT

NEW = "金沢市DXアクションプラン2.0"


def test_an_earlier_call_with_a_withdrawn_source_says_so(own_data: Path) -> None:
    settings = Settings(_env_file=None, data=own_data, corpus=ROOT / "corpus")
    question, cited = f"{NEW}の推進体制を教えてください", "dx-action-plan-2.0"
    with open_service(settings) as service:
        client = staff_client(service, settings)
        address = ask(client, question)["at"]
        assert HtmlPage(client.get(address).text).count(f".source a[href*='{cited}']") > 0
        withdraw(settings, [cited], "数字に誤り", "安奈")
        assert any(question in call for call in HtmlPage(client.get("/staff/calls").text).texts(".calls li"))
        page = HtmlPage(client.get(address).text)
        told = f"この回答が示す「{NEW}」は、取り下げられました（理由：数字に誤り"
        assert told in page.texts(".pane.answer")[0]
        assert "いまは使えない" in page.texts(".source")[0]
        assert page.count(f".source a[href*='{cited}']") == 0
        assert "取り下げられました" in page.values("[data-copy]", "data-copy")[0]
        restore(settings, [cited], "安奈")
        assert "取り下げられました" not in client.get(address).text
