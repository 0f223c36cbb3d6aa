"""Tests of the blocks of an answer in the chat: excerpts, tables and related passages."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.accessibility import violations
from tests.bot.pages.citizen.visiting import PHONE, ask, speak, until, visit, wait_for_answers
from tests.bot.prepared_answers import EXCERPT_SHOWN, LEAD, LINES, NEAREST_SHOWN, REMARK, SEVERAL_SHOWN, TABLE_SHOWN
from tests.bot.server_thread import Prepared

pytestmark = pytest.mark.browser


def test_an_excerpt_is_a_quotation_with_one_source_and_one_remark(phone: Page, service: Prepared) -> None:
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    service.changes = EXCERPT_SHOWN
    ask(phone, "街灯は")
    shown = phone.locator(".excerpt")
    expect(shown.locator("figcaption")).to_have_text(re.compile(rf"^{re.escape(LEAD)}\s+2026年1月公表\s+現行$"))
    assert shown.locator("blockquote > p").all_inner_texts() == ["街灯は次のように替えます。", "費用は町が持ちます。"]
    assert shown.locator("blockquote li").all_inner_texts() == ["岬の通りは来年度", "港の通りは再来年度"]
    expect(shown.locator("mark")).to_have_text("港の通りは再来年度")
    assert int(shown.locator("mark").evaluate("(one) => getComputedStyle(one).fontWeight")) > 400
    expect(phone.locator(".outcome")).to_contain_text("近いことが書かれています")
    assert REMARK not in phone.inner_text("#chat")
    heard = phone.locator("#spoken").inner_text()
    assert heard.count("近いことが書かれています") == 1
    assert LEAD in heard
    assert "[1]" not in heard
    phone.get_by_role("button", name="回答をコピー").click()
    expect(phone.get_by_role("button", name="コピーしました")).to_be_visible()
    copied = phone.evaluate("navigator.clipboard.readText()")
    assert copied.count("費用は町が持ちます。") == 1
    assert "[1] 計画2.0 3.2. 街灯 （現行）" in copied
    expect(phone.locator(".turn .chip")).to_have_count(1)
    phone.locator(".excerpt .chip").click()
    expect(phone.get_by_role("dialog", name="根拠1: 3.2. 街灯")).to_be_in_viewport()


def test_a_table_has_headers_bars_and_one_panel_for_its_rows(phone: Page, service: Prepared) -> None:
    service.changes = TABLE_SHOWN
    ask(phone, "船の乗客は")
    table = phone.get_by_role("table", name="3.4. 渡し船")
    assert table.get_by_role("columnheader").all_inner_texts() == ["便", "乗客数(人)", "目標(人)", "備考", "根拠"]
    assert table.get_by_role("rowheader").all_inner_texts() == ["朝の便", "夕方の便"]
    assert table.locator("tbody .mark").all_inner_texts() == ["1", "2"]
    expect(table.get_by_role("cell", name="記載なし")).to_have_count(1)
    bars = phone.locator("svg.bar[aria-hidden=true] > rect:last-child")
    assert [bar.get_attribute("width") for bar in bars.all()] == [f"{share}%" for share in (75.0, 100.0, 56.2, 50.0)]
    expect(phone.locator(".turn .chip")).to_have_count(1)
    expect(phone.locator(".turn .chip .number")).to_contain_text("1–2")
    phone.locator("tbody .mark").last.click()
    panel = phone.get_by_role("dialog", name="根拠1–2: 3.4. 渡し船")
    expect(panel).to_be_focused()
    assert panel.locator(".passage").all_inner_texts() == [
        "便: 朝の便、乗客数(人): 120",
        "便: 夕方の便、乗客数(人): 90",
    ]


def test_a_wide_table_scrolls_within_itself(phone: Page, service: Prepared) -> None:
    table = TABLE_SHOWN["blocks"][1]
    wide = table.model_copy(
        update={
            "columns": (*table.columns, *(f"{year}年度の乗客数(人)" for year in range(2020, 2026))),
            "rows": tuple((*row, *("100",) * 6) for row in table.rows),
        }
    )
    service.changes = {**TABLE_SHOWN, "blocks": (wide,)}
    ask(phone, "船の乗客は")
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    region = phone.get_by_role("group", name="3.4. 渡し船")
    region.focus()
    phone.keyboard.press("End")
    phone.keyboard.press("ArrowRight")
    until(phone, "document.querySelector('.scroll').scrollLeft > 0")


def test_related_passages_differ_from_sources(opened: Page, service: Prepared) -> None:
    service.changes = NEAREST_SHOWN
    ask(opened, "街灯の色は")
    near = opened.locator(".nearest")
    expect(near.get_by_role("heading")).to_have_text("近いことが書かれている箇所")
    expect(near.locator("li").first).to_contain_text("街灯は次のように替えます。")
    expect(opened.locator(".turn .number")).to_have_count(0)
    expect(opened.locator(".source:visible")).to_have_count(0)
    near.locator(".chip").last.click()
    expect(opened.get_by_role("dialog", name="近いことが書かれている箇所: 3.4. 渡し船")).to_be_visible()
    service.changes = SEVERAL_SHOWN
    ask(opened, "街灯は。街灯の色は")
    latest = opened.locator(".turn").last
    assert [latest.locator(".answer").inner_text().count(line) for line in LINES] == [1, 1]
    expect(latest.locator(".nearest").get_by_role("heading")).to_have_text("ほかに近い箇所")
    expect(latest.locator(".nearest blockquote")).to_have_count(0)


def test_an_old_record_without_blocks_is_shown_as_text(opened: Page, service: Prepared) -> None:
    service.changes = {"answer": "街灯を替えます[1]。\n・岬の通り[1]\n・港の通り[1]", "blocks": ()}
    ask(opened, "街灯は")
    opened.reload(wait_until="domcontentloaded")
    wait_for_answers(opened, 1)
    expect(opened.locator(".answer li")).to_have_text(["岬の通り1", "港の通り1"])
    expect(opened.locator(".answer a.mark")).to_have_count(3)
    expect(opened.locator(".chip")).to_have_count(1)


@pytest.mark.parametrize(
    "look",
    [("light", 1280, "日本語"), ("dark", 390, "English")],
)
def test_axe_reports_no_violation_in_any_block(
    page: Page, service: Prepared, url: str, look: tuple[Any, int, str]
) -> None:
    scheme, width, speech = look
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 844})
    found = {}
    visit(page, url)
    if speech != "日本語":
        speak(page, speech)
    for name, shown in (("excerpt", EXCERPT_SHOWN), ("table", TABLE_SHOWN), ("near", NEAREST_SHOWN)):
        service.changes = shown
        ask(page, f"{name}の質問")
        page.locator(".turn").last.locator(".chip").first.click()
        found[name] = violations(page)
        page.keyboard.press("Escape")
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
