"""When the service is busy, fails, or cannot be reached: the question is never lost."""

from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Page, expect

from bot.pages.citizen.page import CITIZEN
from bot.service import open_service
from ingest.configuration.settings import Settings
from tests.bot.pages.citizen.visiting import ask, box, ready, speak, visit
from tests.bot.served import Prepared, served

pytestmark = pytest.mark.browser


def test_a_failing_service_tells_nothing_of_its_inside(opened: Page, service: Prepared) -> None:
    """The reader is asked to try again, and has the question still."""
    service.error = RuntimeError("/secret/path")
    box(opened).fill("期間は")
    box(opened).press("Enter")
    expect(opened.get_by_role("alert").filter(has_text="もう一度お試しください")).to_be_visible()
    expect(box(opened)).to_have_value("期間は")
    assert "secret" not in opened.content()
    service.error = None
    ask(opened, "期間は")
    expect(opened.get_by_role("alert").filter(has_text="もう一度")).to_have_count(0)


def test_an_answer_that_cannot_be_shown_is_told_like_one_that_failed(opened: Page, service: Prepared) -> None:
    """The reader is not left waiting, and has the question still."""
    service.changes = {"content": None}
    box(opened).fill("期間は")
    box(opened).press("Enter")
    expect(opened.get_by_role("alert").filter(has_text="もう一度お試しください")).to_be_visible()
    expect(box(opened)).to_have_value("期間は")


def test_a_conversation_that_cannot_be_shown_again_gives_way_to_a_new_one(opened: Page, service: Prepared) -> None:
    """What went wrong is told, and one can go on asking."""
    ask(opened, "期間は")
    (told,) = service.told_in.values()
    told[-1] = replace(told[-1], answer=told[-1].answer.model_copy(update={"content": None}))
    opened.reload()
    expect(opened.get_by_role("alert").filter(has_text="もう一度お試しください")).to_be_visible()
    ask(opened, "体制は")


def test_a_question_that_fails_late_comes_back_into_the_box(opened: Page, service: Prepared) -> None:
    """What had already gone from the box is there again, and nothing stays of the answer that did not come."""
    service.go.clear()
    box(opened).fill("期間は")
    box(opened).press("Enter")
    expect(opened.locator(".stage")).to_have_count(1)
    expect(box(opened)).to_have_value("")
    service.error = RuntimeError()
    service.go.set()
    expect(box(opened)).to_have_value("期間は")
    expect(opened.locator(".turn")).to_have_count(0)


@pytest.mark.parametrize(("speech", "told"), [("日本語", "秒ほど待ってから"), ("English", "Please wait about")])
def test_too_many_questions_are_asked_to_wait(page: Page, service: Prepared, speech: str, told: str) -> None:
    """Beyond the limit the page tells how long to wait, in the reader's words, and keeps the question."""
    with served(service, pages=[CITIZEN], requests_per_minute=1) as url:
        speak(visit(page, url), speech)
        ask(page, "期間は")
        box(page).fill("体制は")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert").filter(has_text=told)).to_be_visible()
        expect(box(page)).to_have_value("体制は")
    assert len(service.asked) == 1


def test_questions_to_page_and_api_are_counted_together(page: Page, service: Prepared) -> None:
    """Who has asked the API as often as one may has no other questions at the page."""
    with served(service, pages=[CITIZEN], requests_per_minute=1) as url:
        asked = httpx2.post(f"{url}/api/chat", json={"question": "期間は"}, trust_env=False)
        assert asked.status_code == 200
        box(visit(page, url)).fill("体制は")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert").filter(has_text="秒ほど待ってから")).to_be_visible()


def test_the_end_of_a_wait_is_told(page: Page, service: Prepared) -> None:
    """When the seconds are over, the page says that the question can be sent again."""
    with served(service, pages=[CITIZEN], requests_per_minute=1) as url:
        visit(page, url)
        ask(page, "期間は")
        page.clock.install()
        box(page).fill("体制は")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert").filter(has_text="秒ほど待ってから")).to_be_visible()
        page.clock.fast_forward("01:01")
        expect(page.get_by_role("alert").filter(has_text="もう一度送れます。")).to_be_visible()


def test_a_lost_connection_is_told_and_the_question_kept(opened: Page) -> None:
    """Without a network the question stays, also when the page is loaded anew; that it is back is told, too."""
    opened.context.set_offline(offline=True)
    expect(opened.get_by_role("alert").filter(has_text="通信が切れています")).to_be_visible()
    box(opened).fill("期間は")
    with opened.expect_event("requestfailed"):  # before the network is back
        box(opened).press("Enter")
    expect(opened.get_by_role("alert").filter(has_text="通信が切れています")).to_be_visible()
    expect(box(opened)).to_have_value("期間は")
    opened.context.set_offline(offline=False)
    expect(opened.get_by_role("alert").filter(has_text="つながりました")).to_be_visible()
    opened.reload(wait_until="domcontentloaded")
    ready(opened)
    expect(box(opened)).to_have_value("期間は")


def test_without_an_index_the_page_opens_and_says_so(page: Page, tmp_path: Path) -> None:
    """The start tells that no documents are ready, and stays usable."""
    with open_service(Settings(_env_file=None, data=tmp_path)) as service, served(service, pages=[CITIZEN]) as url:
        visit(page, url)
        expect(page.locator(".welcome .notice")).to_contain_text("準備ができていません")
        expect(page.locator(".example")).to_have_count(0)


def test_a_page_whose_parts_come_late_is_handed_over_all_the_same(page: Page, server: str) -> None:
    """On a slow machine the last of Gradio's parts is built long after the first: the page is not dead for that."""
    page.add_init_script("""let missing = 20;
        const find = Document.prototype.querySelector;
        Document.prototype.querySelector = function (what) {
            return what.startsWith('#thanks') && missing-- > 0 ? null : find.call(this, what);
        };""")
    visit(page, server)
    ask(page, "期間は")
