"""The pages for those who sign in are one house: one head, and the way from one to the other."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.auth.person import Role
from bot.auth.staff_pages import PAGES
from tests.bot.pages.staff.console import cookie, look_up
from tests.eval.workbench.at_work import Workbench, saved, three_rows, workbench

pytestmark = pytest.mark.browser
QUESTION = "計画の期間は"


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Yield a server with every page, and one run."""
    with workbench(tmp_path_factory.mktemp("house")) as opened:
        saved(opened.data, "run", *three_rows())
        yield opened


def opened(seat: BrowserContext, at_work: Workbench, path: str, role: Role = "tester", width: int = 1280) -> Page:
    """Return a page as 安奈 has it open."""
    secrets = cookie(at_work.data, role).items()
    seat.add_cookies([{"name": name, "value": value, "url": at_work.url} for name, value in secrets])
    page = seat.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(at_work.url + path, wait_until="domcontentloaded")
    expect(page.get_by_role("button", name="サインアウト")).to_be_visible()
    return page


@pytest.mark.parametrize("path", ["/staff/", "/workbench/"])
def test_one_head_stands_over_both_pages(seat: BrowserContext, at_work: Workbench, path: str) -> None:
    """It names the service, the page and the person, and leads to the other pages and out."""
    head = opened(seat, at_work, path).locator(".masthead")
    expect(head.locator(".whose")).to_contain_text(f"しるべ {PAGES[path]}")
    expect(head).to_contain_text("安奈さん")
    links = head.get_by_role("navigation", name="ほかの画面").get_by_role("link")
    assert [(link.inner_text(), link.get_attribute("href")) for link in links.all()] == [
        (called, f"{'' if path == '/staff/' else '..'}{address}")
        for address, called in PAGES.items()
        if address != path
    ]


def test_a_tester_makes_a_case_of_what_was_looked_up(seat: BrowserContext, at_work: Workbench) -> None:
    """事例にする leads from an answer, which stays in sight, to a case that begins with its question."""
    page = opened(seat, at_work, "/staff/")
    expect(page.locator("#question")).to_be_focused()
    look_up(page, QUESTION)
    with page.expect_popup() as made:
        page.get_by_role("link", name="事例にする").click()
    expect(made.value.get_by_role("textbox", name=re.compile("^発言（1行に1つ。最後"))).to_have_value(QUESTION)


def test_staff_are_not_shown_the_way_to_a_case(seat: BrowserContext, at_work: Workbench) -> None:
    """Who answers the telephone has other things to do."""
    page = opened(seat, at_work, "/staff/", "staff")
    expect(page.locator("#question")).to_be_focused()
    look_up(page, QUESTION)
    expect(page.get_by_role("link", name="事例にする")).to_have_count(0)


def test_a_chosen_day_is_said_in_japanese(seat: BrowserContext, at_work: Workbench) -> None:
    """Whatever order the browser writes a day in, beside it stand 年, 月 and 日."""
    day = opened(seat, at_work, "/staff/").get_by_label("いつの時点で")
    expect(day).to_have_accessible_description("空なら今日")
    day.fill("2025-04-05")
    expect(day).to_have_accessible_description("2025年4月5日")


@pytest.mark.parametrize(
    "path", ["/signin", "/staff/", "/workbench/?tab=cases&edit=1", "/workbench/?tab=scoring&run=run"]
)
@pytest.mark.parametrize("width", [390, 640])
def test_nothing_needs_sideways_scrolling(seat: BrowserContext, at_work: Workbench, path: str, width: int) -> None:
    """On a phone, and on a desktop enlarged twofold, everything fits."""
    page = opened(seat, at_work, path, width=width)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
