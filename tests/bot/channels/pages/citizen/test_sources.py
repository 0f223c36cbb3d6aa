import re

import pytest
from playwright.sync_api import Page, expect

from tests.bot.channels.pages.citizen.visiting import PHONE, ask

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
