import pytest
from playwright.sync_api import Browser, Page, expect

from bot.answering.state import Status
from tests.accessibility import violations
from tests.bot.channels.pages.citizen.visiting import ask, speak, toggle_furigana, visit
from tests.bot.draft_rendering import message_text, messages
from tests.bot.prepared_answers import EXCERPT_SHOWN
from tests.bot.server_thread import Prepared

pytestmark = pytest.mark.browser


def test_a_chosen_language_overrides_the_browser_language(browser: Browser, service: Prepared, url: str) -> None:
    with browser.new_context(locale="fi-FI") as context:
        page = visit(context.new_page(), url)
        assert page.evaluate("document.documentElement.lang") == "ja"  # the service speaks no Finnish
        service.changes = messages("nothing", status=Status.NO_ANSWER, citations=())
        ask(page, "Where is the pool?")
        speak(page, "Tiếng Việt")
        expect(page.locator(".answer")).to_have_text(message_text("nothing", "vi"))
        expect(page.locator(".asked .words")).to_have_text("Where is the pool?")
        other = visit(context.new_page(), url)
        assert other.evaluate("document.documentElement.lang") == "vi"
        expect(other.get_by_role("radio", name="日本語", exact=True)).not_to_be_checked()


def test_furigana_can_be_turned_on_and_are_kept(opened: Page, service: Prepared) -> None:
    service.changes = EXCERPT_SHOWN
    ask(opened, "街灯は")
    expect(opened.locator("ruby")).to_have_count(0)
    toggle_furigana(opened)
    expect(opened.locator(".excerpt ruby", has_text="費用").locator("rt")).to_have_text("ひよう")
    expect(opened.locator("rt:not([aria-hidden=true])")).to_have_count(0)
    expect(opened.locator(".asked .words")).to_have_text("街灯は")
    ask(opened, "費用は")
    expect(opened.locator(".turn").last.locator("rt").first).to_be_visible()
    # No row of a flexible or grid layout has its words torn apart.
    torn = opened.evaluate("""() => [...document.querySelectorAll('main *')]
        .filter((one) => /flex|grid/.test(getComputedStyle(one).display) && one.querySelector(':scope > ruby'))
        .map((one) => one.outerHTML)""")
    assert torn == []
    assert violations(opened) == []
    toggle_furigana(opened)
    expect(opened.locator("ruby")).to_have_count(0)
