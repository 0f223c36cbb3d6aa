from typing import Any

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import BrowserContext, expect

from bot.answering.state import Question
from bot.desk.curation.faq_desk import FaqDesk
from bot.running.auth.person import Role
from bot.running.service.service import Service, open_service
from ingest.configuration.settings import Settings
from ingest.readers.faq_file import ANSWER, LAST, QUESTION
from tests.accessibility import violations
from tests.bot.answer_assertions import TODAY
from tests.bot.desk.curation.desks import UNKNOWN, publish
from tests.bot.desk.pages.console import ask, console, seated, staff_client
from tests.bot.html_page import HtmlPage
from tests.bot.server_thread import Prepared

pytest_plugins = ["tests.bot.city_index"]
POOL, DOGS = "市民プールの更衣室は広いですか", "犬の散歩の決まりを教えてください"


def pages(service: Service, settings: Settings, *paths: str, role: Role = "tester") -> list[str]:
    client = staff_client(service, settings, role)
    return [client.get(f"/staff/{path}").raise_for_status().text for path in paths]


@pytest.mark.parametrize("action", ["queue/close", "faq/row", "faq/staged/1", "faq/remove"])
def test_a_tester_cannot_change_answers(own_settings: Settings, action: str) -> None:
    with open_service(own_settings, lambda: TODAY) as service:
        refused = staff_client(service, own_settings, "tester").post(f"/staff/{action}", data={"reason": "理由"})
    assert refused.status_code == 403
    assert "編集者でなければ" in refused.json()["detail"]


@pytest.mark.parametrize(("role", "number"), [("editor", "090-1234-5678"), ("tester", "〔電話番号〕")])
def test_only_editors_read_call_back_numbers(own_settings: Settings, role: Role, number: str) -> None:
    with open_service(own_settings, lambda: TODAY) as service:
        answer = service.ask(Question(question=POOL, audience="staff"))
        service.feedback(answer.answer_id, "down", comment="090-1234-5678 に折り返す", by_staff=True)
        (group,) = pages(service, own_settings, "queue", role=role)
    assert f"{number} に折り返す" in group


def test_a_file_is_downloaded_and_its_new_version_published(own_settings: Settings) -> None:
    with open_service(own_settings, lambda: TODAY) as service:
        publish(service, {}, {QUESTION: DOGS, ANSWER: "環境課へどうぞ。"})
        (file,) = FaqDesk(service).files()
        client = staff_client(service, own_settings, "editor")
        content = client.get(f"/staff/faq.csv?file={file.id}").content
        assert content.startswith(b"\xef\xbb\xbf")
        changed = content.decode().replace("環境課へ", "生活課へ").encode("cp932", "ignore")
        address = client.post(
            f"/staff/faq/upload?target={file.id}", files={"file": ("回答.csv", changed, "text/csv")}
        ).json()["at"]
        assert "直すところ" not in client.get(address).raise_for_status().text
        published = client.post(address, data={"confirmed": "1"}).json()
        assert "公開しました" in published["message"]
        assert service.ask(Question(question=DOGS)).answer == "生活課へどうぞ[1]。"


def test_rows_are_filtered_by_words_and_state(own_settings: Settings) -> None:
    with open_service(own_settings, lambda: TODAY) as service:
        publish(service, {LAST: "2026-01-01"}, {QUESTION: DOGS, ANSWER: "環境課へどうぞ。"})
        all_rows, ended, found = pages(service, own_settings, "faq", "faq?state=ended", "faq?q=犬", role="staff")
    assert [DOGS in page for page in (all_rows, ended, found)] == [True, False, True]
    assert [UNKNOWN in page for page in (all_rows, ended, found)] == [True, True, False]


@pytest.mark.browser
def test_an_unanswered_question_becomes_an_answer_in_six_steps(seat: BrowserContext, own_settings: Settings) -> None:
    with open_service(own_settings, lambda: TODAY) as service, console(service, own_settings) as url:
        question = Question(question="スマートフォンの通知が届かないときはどうすればよいですか")
        assert service.ask(question).status != "answered"
        publish(service, {QUESTION: DOGS, ANSWER: "環境課へどうぞ。"})  # so that there is a file to choose
        with seated(seat, url, own_settings.data) as page:
            page.get_by_role("link", name="改善").click()
            assert violations(page) == []
            page.get_by_role("link", name=f"「{question.question}」に答える").click()
            expect(page.get_by_role("textbox", name="質問", exact=True)).to_have_value(question.question)
            assert violations(page) == []
            page.get_by_role("textbox", name="回答", exact=True).fill("情報政策課の窓口で設定を案内します。")
            page.get_by_role("textbox", name="課", exact=True).fill("情報政策課")
            page.get_by_role("button", name="確かめる").click()
            expect(page.get_by_role("heading", name="公開する前に")).to_be_visible()
            expect(page.locator("table")).to_contain_text("この回答で答えます")
            assert violations(page) == []
            assert service.ask(question).status != "answered"
            page.get_by_role("button", name="公開する").click()
            expect(page.locator("#message")).to_contain_text("公開しました", timeout=60_000)
            assert violations(page) == []
        assert service.open_questions.all() == []
        assert service.ask(question).answer == "情報政策課の窓口で設定を案内します[1]。"
    assert (own_settings.data / "cases" / "staff-answers.jsonl").exists()


HOSTILE = "<script>document.title='乗っ取り'</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return Prepared()


@pytest.fixture(scope="module")
def client(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    return staff_client(prepared, Settings(_env_file=None, data=tmp_path_factory.mktemp("call")))


class Shown(HtmlPage):
    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(told["html"])
        self.spoken: str = told["spoken"]
        self.copied = self.values("[data-copy]", "data-copy")[0]


def look_up(
    client: TestClient, prepared: Prepared, changes: dict[str, Any], question: str = "期間は", **form: str
) -> Shown:
    prepared.changes = changes
    return Shown(ask(client, question, **form))


def test_the_cited_passage_comes_first_with_its_quote_highlighted(client: TestClient, prepared: Prepared) -> None:
    shown = look_up(client, prepared, {})
    assert shown.texts(".source[open] mark") == ["期間は令和8年度から"]
    assert shown.texts(".source .number")[0] == "根拠1"
    assert shown.count("[href*=compare]") == 0  # nothing replaced it
    (source,) = shown.texts(".source")
    for told in ("計画2.0", "現行", "2026年1月"):
        assert told in source
    assert "（現行）" in shown.copied
    assert "/documents/plan-2?passage=plan-2%233" in shown.copied


def test_audience_and_date_reach_the_service(client: TestClient, prepared: Prepared) -> None:
    shown = look_up(client, prepared, {}, as_of="2025-04-01")
    assert [(one.audience, str(one.as_of)) for one in prepared.asked[-1:]] == [("staff", "2025-04-01")]
    assert shown.texts(".as-of") == ["2025年4月1日の時点"]
    assert shown.texts(".source .badge")[0] == "期間外"
    assert "2025年4月1日の時点" in shown.copied
    assert client.post("/staff/ask", data={"question": "期間は", "as_of": "x"}).status_code == 422


def test_a_past_date_is_stated_with_what_was_in_force(client: TestClient, prepared: Prepared) -> None:
    ungoverned = "この日に効力のある計画はありません"
    assert ungoverned in look_up(client, prepared, {}, as_of="2020-06-01").html
    shown = look_up(client, prepared, {}, as_of="2026-05-01")
    assert ungoverned not in shown.html
    assert shown.texts(".source .badge")[0] == "この日に有効"
    assert "この日に効力がありました" in shown.texts(".source")[0]
    assert "現行" not in shown.texts(".panes")[0]
    assert "（この日に有効）" in shown.copied


def test_markup_of_documents_and_users_is_escaped(client: TestClient, prepared: Prepared) -> None:
    changes = {"answer": HOSTILE + "[1]", "notices": (HOSTILE,), "suggestions": (HOSTILE,)}
    shown = look_up(client, prepared, changes, HOSTILE)
    assert HOSTILE in shown.texts(".said")[0]
    assert shown.count("script, img[src=x]") == 0
