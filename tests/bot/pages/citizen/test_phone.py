"""Tests of the chat on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from bot.state import Status
from tests.accessibility import violations
from tests.bot.draft_rendering import messages
from tests.bot.fixed_service import CITATION
from tests.bot.pages.citizen.visiting import PHONE, ask, box, speak, toggle_furigana, visit
from tests.bot.server_thread import Prepared
from tests.conftest import page_of, profile

pytestmark = pytest.mark.browser
LONG = "駅から町役場までの行き方と、そこで手続きに要る物と、開いている時間を、順に教えてください。" * 12
HALF_SCREEN = ViewportSize(width=390, height=420)


@pytest.fixture(scope="module")
def touching(browser: Browser) -> BrowserContext:
    """Return the profile of a reader who presses with a finger."""
    return profile(browser, viewport=PHONE, has_touch=True, is_mobile=True, reduced_motion="reduce")


@pytest.fixture
def touched(touching: BrowserContext, url: str) -> Iterator[Page]:
    """Yield the page over `service` on a phone that is touched."""
    with page_of(touching) as page:
        yield visit(page, url)


@pytest.mark.parametrize("size", [PHONE, HALF_SCREEN])
def test_the_keyboard_closes_and_the_first_line_of_the_answer_is_visible(touched: Page, size: ViewportSize) -> None:
    touched.set_viewport_size(size)
    for question in ("期間は", LONG):
        box(touched).tap()
        ask(touched, question)
        expect(box(touched)).not_to_be_focused()
        line = touched.locator(".turn").last.locator(".answer > :first-child").first.bounding_box()
        dock = touched.locator("#dock").bounding_box()
        assert line
        assert dock
        assert 0 <= line["y"] < min(dock["y"], size["height"]) - 20
    assert violations(touched) == []


def test_the_box_keeps_the_focus_with_a_hardware_keyboard(opened: Page) -> None:
    ask(opened, "期間は")
    expect(box(opened)).to_be_focused()


def test_furigana_do_not_change_the_layout(phone: Page, service: Prepared) -> None:
    service.changes = messages("nothing", status=Status.NO_ANSWER, citations=())
    ask(phone, "体育館の休館日は")
    toggle_furigana(phone)
    expect(phone.locator(".outcome ruby")).not_to_have_count(0)
    rows = phone.evaluate(
        """() => [...document.querySelectorAll('main *')]
            .filter((one) => /flex|grid/.test(getComputedStyle(one).display) && one.querySelector(':scope > ruby'))
            .map((one) => one.outerHTML)"""
    )
    assert rows == []
    assert violations(phone) == []


def test_the_comparison_of_two_documents_is_a_link(opened: Page, service: Prepared) -> None:
    speak(opened, "English")
    old = CITATION.model_copy(update={"doc_id": "plan-1", "superseded_by": "plan-2"})
    service.changes = messages("more", notices=("compared",), citations=(old,))
    ask(opened, "何が変わりましたか")
    found = opened.locator(".notice").get_by_role("link", name="differences")
    expect(found).to_have_attribute("href", "./documents/plan-1/compare/plan-2")
    found.focus()
    expect(found).to_be_focused()
    assert violations(opened) == []
