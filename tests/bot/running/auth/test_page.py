from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.accessibility import violations
from tests.bot.running.auth.inner import PASSWORD, inner_app, sign_in_of
from tests.bot.server_thread import listening

pytestmark = pytest.mark.browser


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    app = inner_app(tmp_path)
    sign_in_of(app).accounts.add("安奈", PASSWORD, "staff")
    with listening(app) as url:
        yield url


def test_sign_in_works_with_keyboard_only(page: Page, url: str) -> None:
    page.goto(f"{url}/inner/")
    expect(page.get_by_label("名前")).to_be_focused()
    page.keyboard.type("安奈")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("textarea")).to_have_value("安奈")
    assert page.url == f"{url}/inner/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_sign_in_page_has_no_axe_violation(browser: Browser, url: str, scheme: str) -> None:
    context = browser.new_context(
        locale="ja-JP", color_scheme="dark" if scheme == "dark" else "light", viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.goto(f"{url}/signin")
    for state in ("empty", "refused", "in"):
        if state != "empty":
            page.get_by_label("名前").fill("安奈")
            page.get_by_label("パスワード").fill(PASSWORD if state == "in" else "wrong")
            page.get_by_role("button", name="サインイン").click()
            page.goto(f"{url}/signin") if state == "in" else expect(page.get_by_role("alert")).to_be_visible()
        assert violations(page) == [], state
        assert page.evaluate("document.documentElement.scrollWidth") == 390
    context.close()
