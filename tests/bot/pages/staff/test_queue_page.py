"""Tests of the queue of unanswered questions on the console, and of curated answers."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from bot.auth.person import Role
from bot.office import Department
from bot.service import Service, open_service
from bot.state import Question
from ingest.build.build import build
from ingest.configuration.settings import Settings
from tests.accessibility import violations
from tests.bot.answer_assertions import DOCUMENTS, TODAY
from tests.bot.curation.desks import COUNTER, published
from tests.bot.pages.staff.console import console, seated, staff_client

pytest_plugins = ["tests.bot.city_index"]
POOL, DOGS = "市民プールの更衣室は広いですか", "犬の散歩の決まりを教えてください"
PLAN = "kankyo-plan-2.0.md"


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


def test_the_queue_is_filtered_by_day_and_department(own_settings: Settings) -> None:
    with open_service(own_settings, lambda: TODAY) as service:
        service.departments.save(Department("生活課", ("犬の散歩",), "076-000-0000"), "安奈")
        for question in (DOGS, POOL, POOL):
            service.ask(Question(question=question))
        narrowed = ("subject=生活課", "subject=担当なし", "by=size", "since=0&subject=生活課")
        by_subject, nobodys, by_size, today = pages(service, own_settings, *(f"queue?{one}" for one in narrowed))
    assert DOGS in by_subject
    assert POOL not in by_subject
    assert DOGS not in nobodys
    assert POOL in nobodys
    assert 0 < by_size.index(POOL) < by_size.index(DOGS)
    assert DOGS in today


def test_repeated_questions_are_one_entry(own_settings: Settings) -> None:
    with open_service(own_settings, lambda: TODAY) as service:
        for _ in range(3):
            service.ask(Question(question=POOL))
        (group,) = pages(service, own_settings, f"queue/{service.desk.groups()[0].id}")
    assert group.count(f"<summary>{POOL}") == 1
    assert "3回、最後は" in group


@pytest.mark.parametrize(("role", "number"), [("editor", "090-1234-5678"), ("tester", "〔電話番号〕")])
def test_only_editors_read_call_back_numbers(own_settings: Settings, role: Role, number: str) -> None:
    with open_service(own_settings, lambda: TODAY) as service:
        answer = service.ask(Question(question=POOL, audience="staff"))
        service.feedback(answer.answer_id, "down", comment="090-1234-5678 に折り返す", by_staff=True)
        (group,) = pages(service, own_settings, f"queue/{service.desk.groups()[0].id}", role=role)
    assert f"{number} に折り返す" in group


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (lambda text: text.replace("## ", "## 読み方\n\nこの計画の読み方です。\n\n## ", 1), f"{COUNTER}</textarea>"),
        (lambda text: text.replace("2階", "3階"), "この箇所は、文書が変わったか外れたため見つかりません。"),
    ],
    ids=["moved", "gone"],
)
def test_editing_a_curated_answer_keeps_its_sources(
    own_settings: Settings, tmp_path: Path, change: Callable[[str], str], shown: str
) -> None:
    with open_service(own_settings, lambda: TODAY) as service:
        curated = published(service)
        folder = shutil.copytree(DOCUMENTS, tmp_path / "documents")
        (folder / PLAN).write_text(change((folder / PLAN).read_text("utf-8")), "utf-8")
        build(own_settings, [folder])
        service.follow()
        (group,) = pages(service, own_settings, f"queue/{curated.group_id}")
    assert shown in group


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
