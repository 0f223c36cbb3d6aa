import pytest
from playwright.sync_api import Page, expect

from bot.answering.state import Status
from tests.bot.channels.pages.citizen.visiting import ask, box, ready, visit, wait_for_answers
from tests.bot.server_thread import Prepared

pytestmark = pytest.mark.browser


def reload(page: Page) -> None:
    page.reload(wait_until="domcontentloaded")
    ready(page)


def test_a_reload_restores_the_conversation(opened: Page, service: Prepared) -> None:
    ask(opened, "期間は")
    opened.get_by_role("button", name="役に立った", exact=True).click()
    expect(opened.locator(".thanks")).to_be_visible()
    service.changes = {"status": Status.NO_ANSWER, "answer": "ありません。", "citations": ()}
    ask(opened, "休館日は")
    service.changes = {}
    box(opened).fill("書きかけの質問")
    reload(opened)
    wait_for_answers(opened, 2)
    expect(box(opened)).to_have_value("書きかけの質問")
    assert opened.locator(".words").all_inner_texts() == ["期間は", "休館日は"]
    expect(opened.locator(".passage mark")).to_have_text("期間は令和8年度から")
    ask(opened, "体制は")
    assert service.asked[-1].conversation_id == service.asked[1].conversation_id is not None
    other = visit(opened.context.new_page(), opened.url)
    expect(other.locator(".welcome")).to_be_visible()


def test_an_ended_conversation_stays_ended_after_a_reload(opened: Page, service: Prepared) -> None:
    ask(opened, "期間は")
    opened.get_by_role("button", name="この会話を終える").click()
    expect(opened.locator(".welcome")).to_be_visible()
    expect(opened.locator(".turn")).to_have_count(0)
    expect(box(opened)).to_be_focused()
    expect(opened.locator("#spoken")).to_have_text("会話を終え、この端末から消しました。")
    assert opened.evaluate("Object.values(sessionStorage).join('')") == ""
    reload(opened)
    expect(opened.locator(".welcome")).to_be_visible()
    ask(opened, "体制は")
    assert [question.conversation_id for question in service.asked] == [None, None]
