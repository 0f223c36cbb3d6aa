from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.accessibility import violations
from tests.bot.channels.pages.citizen.visiting import PHONE, ask, box, visit
from tests.conftest import page_of, profile

pytestmark = pytest.mark.browser
LONG = "駅から町役場までの行き方と、そこで手続きに要る物と、開いている時間を、順に教えてください。" * 12
HALF_SCREEN = ViewportSize(width=390, height=420)


@pytest.fixture(scope="module")
def touching(browser: Browser) -> BrowserContext:
    return profile(browser, viewport=PHONE, has_touch=True, is_mobile=True, reduced_motion="reduce")


@pytest.fixture
def touched(touching: BrowserContext, url: str) -> Iterator[Page]:
    with page_of(touching) as page:
        yield visit(page, url)


def test_the_keyboard_closes_and_the_first_line_of_the_answer_is_visible(touched: Page) -> None:
    for size, question in ((PHONE, "期間は"), (HALF_SCREEN, "体制は"), (HALF_SCREEN, LONG), (PHONE, LONG)):
        touched.set_viewport_size(size)
        box(touched).tap()
        ask(touched, question)
        expect(box(touched)).not_to_be_focused()
        line = touched.locator(".turn").last.locator(".answer > :first-child").first.bounding_box()
        dock = touched.locator("#dock").bounding_box()
        assert line
        assert dock
        assert 0 <= line["y"] < min(dock["y"], size["height"]) - 20
    assert violations(touched) == []
