"""The header that console and workbench share, and the links between them."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.auth.person import Role
from tests.bot.pages.staff.console import cookie, look_up
from tests.eval.workbench.workbench_server import Workbench, save_rows, serve_workbench, three_rows

pytestmark = pytest.mark.browser
QUESTION = "計画の期間は"


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with serve_workbench(tmp_path_factory.mktemp("workbench")) as header_of:
        save_rows(header_of.data, "run", *three_rows())
        yield header_of


def header_of(seat: BrowserContext, workbench: Workbench, path: str, role: Role = "tester") -> Page:
    secrets = cookie(workbench.data, role).items()
    seat.add_cookies([{"name": name, "value": value, "url": workbench.url} for name, value in secrets])
    page = seat.new_page()
    page.goto(workbench.url + path, wait_until="domcontentloaded")
    expect(page.get_by_role("button", name="サインアウト")).to_be_visible()
    return page


def test_a_tester_creates_a_case_from_an_answer(seat: BrowserContext, workbench: Workbench) -> None:
    page = header_of(seat, workbench, "/staff/")
    expect(page.locator("#question")).to_be_focused()
    look_up(page, QUESTION)
    with page.expect_popup() as made:
        page.get_by_role("link", name="事例にする").click()
    expect(made.value.get_by_role("textbox", name=re.compile("^発言（1行に1つ。最後"))).to_have_value(QUESTION)
