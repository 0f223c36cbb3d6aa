"""Tests of kiosks, where a conversation without input ends after a warning."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.accessibility import violations
from tests.bot.pages.citizen.visiting import ask, box, ready, speak, visit, wait_for_answers
from tests.bot.server_thread import Prepared

pytestmark = pytest.mark.browser
IDLE_S, WARNING_S = 30, 20
# The clock of the page goes on while a test looks at it.
MARGIN_S = 8
STORED = "[...Object.values(sessionStorage), ...Object.values(localStorage), document.cookie].join('')"


@pytest.fixture
def kiosk(page: Page, url: str) -> Page:
    """Return the page of a kiosk, whose clock the test moves."""
    page.clock.install()
    return visit(page, f"{url}/#kiosk={IDLE_S}")


def wait(page: Page, seconds: int) -> None:
    """Let time pass without input."""
    page.clock.run_for(seconds * 1000)


def warning(page: Page) -> Locator:
    """Return the warning, which is on the page only while it is visible."""
    return page.get_by_role("alertdialog", name="まだお使いですか")


def test_without_input_the_conversation_ends_after_a_warning(kiosk: Page, service: Prepared) -> None:
    ask(kiosk, "期間は")
    speak(kiosk, "English")
    box(kiosk).fill("My next")
    wait(kiosk, IDLE_S - MARGIN_S)
    expect(kiosk.locator("#idle")).to_have_count(0)
    wait(kiosk, MARGIN_S)
    told = kiosk.get_by_role("alertdialog", name="Are you still there?")
    expect(told).to_contain_text(re.compile(r"In (20|1\d) seconds"))
    wait(kiosk, WARNING_S - 2 * MARGIN_S)
    expect(told).to_be_visible()
    with kiosk.expect_navigation(wait_until="domcontentloaded"):
        wait(kiosk, 2 * MARGIN_S)
    ready(kiosk)
    expect(kiosk.get_by_role("heading", name="何をお調べですか")).to_be_visible()
    expect(box(kiosk)).to_have_value("")
    assert kiosk.evaluate(STORED) == ""
    ask(kiosk, "体制は")
    assert service.asked[-1].conversation_id is None


def test_any_input_extends_the_time(kiosk: Page) -> None:
    ask(kiosk, "期間は")
    box(kiosk).focus()
    kiosk.mouse.move(5, 5)
    for is_moved in (True, False):
        wait(kiosk, IDLE_S + 1)
        expect(warning(kiosk).get_by_role("button")).to_be_focused()
        if is_moved:
            kiosk.mouse.move(9, 9)
        else:
            warning(kiosk).get_by_role("button", name="続ける").dispatch_event("click")
        expect(warning(kiosk)).to_have_count(0)
        expect(box(kiosk)).to_be_focused()
    wait(kiosk, IDLE_S - MARGIN_S)
    expect(warning(kiosk)).to_have_count(0)
    expect(kiosk.locator(".turn[data-answer]")).to_have_count(1)


def test_the_timer_stops_during_an_answer(kiosk: Page, service: Prepared) -> None:
    wait(kiosk, IDLE_S + MARGIN_S)
    expect(kiosk.locator("#idle")).to_have_count(0)  # nothing has been asked
    service.go.clear()
    box(kiosk).fill("期間は")
    kiosk.keyboard.press("Enter")
    expect(kiosk.locator(".stage")).to_be_visible()
    wait(kiosk, IDLE_S + MARGIN_S)
    expect(kiosk.locator("#idle")).to_have_count(0)
    service.go.set()
    wait_for_answers(kiosk, 1)
    wait(kiosk, IDLE_S - MARGIN_S)
    expect(kiosk.locator("#idle")).to_have_count(0)


def test_only_a_kiosk_ends_a_conversation_automatically(page: Page, url: str) -> None:
    page.clock.install()
    visit(page, url)
    ask(page, "期間は")
    wait(page, 300)
    expect(page.locator("#idle")).to_have_count(0)
    expect(page.locator(".turn[data-answer]")).to_have_count(1)


def test_the_warning_is_accessible(browser: Browser, url: str) -> None:
    context = browser.new_context(
        color_scheme="dark",
        viewport=ViewportSize(width=320, height=256),
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.clock.install()
    visit(page, f"{url}/?size=3#kiosk={IDLE_S}")
    ask(page, "期間は")
    wait(page, IDLE_S + 1)
    expect(warning(page)).to_be_visible()
    assert violations(page, "#idle") == []
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert page.evaluate("document.getElementById('idle').scrollWidth <= document.getElementById('idle').clientWidth")
    context.close()
