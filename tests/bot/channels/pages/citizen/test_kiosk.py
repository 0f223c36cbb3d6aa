import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.bot.channels.pages.citizen.visiting import ask, box, ready, speak, visit
from tests.bot.server_thread import Prepared

pytestmark = pytest.mark.browser
IDLE_S, WARNING_S = 30, 20
# The clock of the page goes on while a test looks at it.
MARGIN_S = 8
STORED = "[...Object.values(sessionStorage), ...Object.values(localStorage), document.cookie].join('')"


@pytest.fixture
def kiosk(page: Page, url: str) -> Page:
    page.clock.install()
    return visit(page, f"{url}/#kiosk={IDLE_S}")


def wait(page: Page, seconds: int) -> None:
    page.clock.run_for(seconds * 1000)


def warning(page: Page) -> Locator:
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


def test_only_a_kiosk_ends_a_conversation_automatically(page: Page, url: str) -> None:
    page.clock.install()
    visit(page, url)
    ask(page, "期間は")
    wait(page, 300)
    expect(page.locator("#idle")).to_have_count(0)
    expect(page.locator(".turn[data-answer]")).to_have_count(1)
