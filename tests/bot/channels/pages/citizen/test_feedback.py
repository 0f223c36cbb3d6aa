import pytest
from playwright.sync_api import Page, expect

from tests.bot.channels.pages.citizen.visiting import PHONE, ask, speak, until
from tests.bot.server_thread import Prepared

pytestmark = pytest.mark.browser
ABOVE_THE_BOX = """() => document.querySelector('#reasons').getBoundingClientRect().bottom
    <= document.getElementById('dock').getBoundingClientRect().top"""


def test_a_vote_reaches_the_service(opened: Page, service: Prepared) -> None:
    ask(opened, "期間は")
    opened.get_by_role("button", name="役に立った", exact=True).click()
    expect(opened.locator(".thanks")).to_be_focused()
    expect(opened.get_by_text("ご協力ありがとうございます。")).to_be_visible()
    assert [vote[1:] for vote in service.votes] == [("up", [], "")]


def test_a_negative_vote_can_have_reasons(opened: Page, service: Prepared) -> None:
    speak(opened, "English")
    opened.set_viewport_size(PHONE)
    ask(opened, "期間は")
    opened.locator("#down").click()
    expect(opened.locator("#send-rating")).to_be_in_viewport()
    until(opened, ABOVE_THE_BOX)
    reason = opened.get_by_label("Out of date")
    reason.check()
    expect(reason).to_have_css("appearance", "auto")
    opened.locator("#comment textarea").fill("去年の話です")
    opened.locator("#send-rating").click()
    expect(opened.locator(".thanks")).to_contain_text("デジタル政策課 076-220-2111")
    assert [vote[1:] for vote in service.votes] == [("down", ["情報が古い"], "去年の話です")]
