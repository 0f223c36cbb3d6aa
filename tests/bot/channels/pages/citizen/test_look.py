import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.bot.channels.pages.citizen.visiting import PHONE, ask, box, drawn, visit
from tests.bot.html_page import HtmlPage

pytestmark = pytest.mark.browser
# The sum of the shifts that no reader caused (Cumulative Layout Shift).
WATCH_SHIFTS = """window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().filter((one) => !one.hadRecentInput).forEach(
    (one) => window.shifted += one.value)).observe({type: 'layout-shift', buffered: true});"""


def test_the_layout_does_not_shift_while_loading(page: Page, url: str) -> None:
    page.set_viewport_size(PHONE)
    page.add_init_script(WATCH_SHIFTS)
    visit(page, url)
    page.wait_for_load_state("load")
    drawn(page)
    assert page.evaluate("window.shifted") < 0.01


def test_an_answer_is_printed_with_its_sources_and_without_controls(browser: Browser, url: str) -> None:
    context = browser.new_context(locale="ja-JP", viewport=PHONE)
    page = visit(context.new_page(), url)
    ask(page, "期間は")
    expect(page.locator(".source")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".source")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(box(page)).to_be_hidden()
    context.close()


def test_a_page_without_javascript_explains_what_it_needs(url: str) -> None:
    page = HtmlPage(httpx2.get(url, trust_env=False).text)
    (told,) = page.texts("noscript")
    assert "JavaScript" in told
    assert "076-220-2111" in told
