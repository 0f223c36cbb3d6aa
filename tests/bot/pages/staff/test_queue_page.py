"""Tests of the queue of unanswered questions on the console, and of curated answers."""

import re

import pytest
from playwright.sync_api import BrowserContext, expect

from bot.auth.person import Role
from bot.service import Service, open_service
from bot.state import Question
from ingest.configuration.settings import Settings
from tests.accessibility import violations
from tests.bot.answer_assertions import TODAY
from tests.bot.pages.staff.console import console, seated, staff_client

pytest_plugins = ["tests.bot.city_index"]
POOL, DOGS = "市民プールの更衣室は広いですか", "犬の散歩の決まりを教えてください"


def pages(service: Service, settings: Settings, *paths: str, role: Role = "tester") -> list[str]:
    """Return pages of the console as somebody of a role gets them."""
    client = staff_client(service, settings, role)
    return [client.get(f"/staff/{path}").raise_for_status().text for path in paths]


def test_a_tester_cannot_change_curated_answers(own_settings: Settings) -> None:
    with open_service(own_settings, lambda: TODAY) as service:
        tester = staff_client(service, own_settings, "tester")
        for action in ("publish", "withdraw", "1/take", "1/dismiss", "1/reopen"):
            refused = tester.post(f"/staff/queue/{action}", data={"text": "答え", "reason": "理由"})
            assert refused.status_code == 403, action
            assert "編集者でなければ" in refused.json()["detail"]


@pytest.mark.parametrize(("role", "number"), [("editor", "090-1234-5678"), ("tester", "〔電話番号〕")])
def test_only_editors_read_call_back_numbers(own_settings: Settings, role: Role, number: str) -> None:
    with open_service(own_settings, lambda: TODAY) as service:
        answer = service.ask(Question(question=POOL, audience="staff"))
        service.feedback(answer.answer_id, "down", comment="090-1234-5678 に折り返す", by_staff=True)
        (group,) = pages(service, own_settings, f"queue/{service.desk.groups()[0].id}", role=role)
    assert f"{number} に折り返す" in group


@pytest.mark.browser
def test_an_unanswered_question_becomes_a_curated_answer(seat: BrowserContext, own_settings: Settings) -> None:
    with open_service(own_settings, lambda: TODAY) as service, console(service, own_settings) as url:
        question = Question(question="スマートフォンの通知が届かないときはどうすればよいですか")
        assert service.ask(question).status != "answered"
        with seated(seat, url, own_settings.data) as page:
            page.get_by_role("link", name="改善").click()
            assert violations(page) == []
            page.get_by_role("link", name=question.question).click()
            page.get_by_label("探す言葉").fill("植樹の本数の目標")
            page.get_by_role("button", name="探す", exact=True).click()
            hit = page.locator(".hits details", has_text="5,000本").first
            if hit.get_attribute("open") is None:
                hit.locator("summary").click()
            hit.get_by_role("button", name="根拠にする").click()
            assert violations(page) == []
            text = page.get_by_label(re.compile("^回答（"))
            text.fill("植樹の本数の目標値は7,777本です。")
            page.get_by_role("button", name="確かめるだけ").click()
            expect(page.locator("#problem")).not_to_be_empty()
            text.fill("植樹の本数の目標値は5,000本です。")
            page.get_by_role("button", name="確かめるだけ").click()
            expect(page.locator("#message")).to_have_text("問題は見つかりませんでした。公開できます。")
            assert service.ask(question).status != "answered"
            page.get_by_role("button", name="公開する").click()
            expect(page.locator("#message")).to_contain_text("公開しました")
            expect(page.get_by_role("link", name="この回答を問いにする")).to_be_visible()
        answer = service.ask(question)
    assert answer.status == "answered"
    assert "5,000本" in answer.answer
