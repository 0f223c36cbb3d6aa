"""Tests of sources in the chat: numbered chips that open the passage."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.bot.fixed_service import CITATION
from tests.bot.pages.citizen.visiting import PHONE, ask
from tests.bot.server_thread import Prepared

pytestmark = pytest.mark.browser


def test_a_chip_and_a_citation_open_the_section_with_the_quote_highlighted(phone: Page) -> None:
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(phone, "期間は")
    chip, source = phone.locator(".chip"), phone.locator(".source")
    expect(source).to_be_hidden()
    chip.click()
    expect(source).to_be_visible()
    around = source.get_by_role("group", name="前後の文")
    expect(around.locator(".meant")).to_have_text("期間は令和8年度からです。")
    expect(around.locator("mark")).to_have_text("期間は令和8年度から")
    facts = source.locator(".facts").inner_text()
    expect(source.get_by_role("heading")).to_have_text(re.compile(r"1\.3\. 期間$"))
    assert re.search(r"計画2\.0.*4ページ.*2026年1月.*現行", facts, re.DOTALL)
    assert source.evaluate("(one) => one.matches(':modal') && one.getBoundingClientRect().bottom") == PHONE["height"]
    source.get_by_role("button", name="この箇所のアドレスをコピー").click()
    expect(source.get_by_role("button", name="コピーしました")).to_be_visible()
    address = phone.evaluate("navigator.clipboard.readText()")
    assert address.endswith("/documents/plan-2#passage-3")
    with phone.context.expect_page() as opened:
        source.get_by_role("link", name=re.compile("文書の全体を読む")).click()
    expect(opened.value.locator(":target")).to_have_text("期間は令和8年度からです。")
    assert opened.value.url == address
    opened.value.close()
    phone.get_by_role("button", name="閉じる").click()
    expect(source).to_be_hidden()
    expect(chip).to_be_focused()
    phone.context.set_offline(offline=True)
    phone.get_by_role("link", name="根拠1を開く").first.press("Enter")
    expect(source).to_be_focused()
    expect(phone.locator(".passage")).to_have_text("期間は令和8年度からです。")
    phone.keyboard.press("Escape")
    expect(source).to_be_hidden()
    expect(phone.get_by_role("link", name="根拠1を開く").first).to_be_focused()


def test_one_source_is_open_at_a_time_beside_the_answer_on_a_wide_screen(opened: Page, service: Prepared) -> None:
    service.changes = {"citations": (CITATION, CITATION.model_copy(update={"n": 2, "section": "2. 体制"}))}
    service.changes |= {"answer": "期間は令和8年度から[1]、体制は別に[2]。"}
    ask(opened, "期間は")
    first, second = opened.locator(".source").all()
    expect(first).to_be_visible()
    source, answer = first.bounding_box(), opened.locator(".answer").bounding_box()
    assert source is not None
    assert answer is not None
    assert source["x"] >= answer["x"] + answer["width"]
    assert source["y"] <= answer["y"]
    expect(first.get_by_role("button", name="閉じる")).to_be_hidden()
    opened.locator(".chip").last.click()
    expect(first).to_be_hidden()
    expect(second).to_be_visible()
    service.changes = {}
    ask(opened, "体制は")
    expect(opened.locator(".source").last).to_be_visible()
    expect(opened.locator(".source:visible")).to_have_count(1)
    opened.locator(".chip").first.click()
    expect(first).to_be_focused()
    expect(opened.locator(".source:visible")).to_have_count(1)
