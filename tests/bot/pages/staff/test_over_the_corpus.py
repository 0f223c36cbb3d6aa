"""Tests of the console over `corpus/`: plan comparison, calls that survive a reload, and response time."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.pages.staff.answer_comparison import comparison_days, question_about_document, replacement_pairs
from bot.service import open_service
from ingest.configuration.settings import Settings
from ingest.japanese.word_differences import diff_words
from ingest.lifecycle.withdrawals import restore, withdraw
from tests.accessibility import violations
from tests.bot.pages.staff.console import console, look_up, seated
from tests.conftest import ROOT, without_records

pytestmark = pytest.mark.browser
OLD, NEW = "令和4年度 第4回 金沢市DX会議 資料", "金沢市DXアクションプラン2.0"


@pytest.fixture(scope="module")
def data(corpus_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return without_records(corpus_data, tmp_path_factory.mktemp("corpus") / "data")


@pytest.fixture(scope="module")
def url(data: Path) -> Iterator[str]:
    settings = Settings(_env_file=None, data=data, corpus=ROOT / "corpus")
    with open_service(settings) as service:
        service.search("期間")  # the first search loads what the others find loaded
        with console(service, settings) as url:
            yield url


@pytest.fixture
def desk(seat: BrowserContext, url: str, data: Path) -> Iterator[Page]:
    with seated(seat, url, data) as page:
        yield page


def test_old_and_new_plan_are_compared(desk: Page) -> None:
    look_up(desk, f"{NEW}のプランの期間は?")
    expect(desk.get_by_text("新旧を比べる")).to_be_visible()
    desk.keyboard.press("v")
    old, new = (desk.locator(".comparing .pane").nth(at) for at in range(2))
    expect(old).to_contain_text(f"2025年12月31日の時点で「{OLD}のプランの期間は?」と聞いた回答")
    expect(old.locator(".cited").first).to_contain_text(OLD)
    expect(old.locator(".said mark").first).to_be_visible()
    # The old one's excerpt says its years in its own other form; the sentence in that of the new one stands before it.
    expect(old.locator(".said")).to_contain_text("2023-2025")
    expect(new.locator(".cited").first).to_contain_text(NEW)
    expect(new.locator(".said")).to_contain_text("令和11(2029)年度")
    assert not re.search(r"2023-2025|令和7\(2025\)年度", new.locator(".said").inner_text())
    assert violations(desk) == []
    desk.keyboard.press("v")
    expect(desk.locator(".panes .pane")).to_have_count(3)


def test_each_passage_has_a_public_address(desk: Page, url: str) -> None:
    look_up(desk, f"{NEW}のプランの期間は?")
    desk.keyboard.press("c")
    expect(desk.locator("#message")).to_have_text("回答を根拠ごとコピーしました。")
    mailed = re.search(rf"{url}/documents/\S+", desk.evaluate("navigator.clipboard.readText()"))
    assert mailed
    desk.locator(".source[open]").first.get_by_role("button", name="アドレスをコピー").click()
    expect(desk.locator("#message")).to_have_text("市民に送れるアドレスをコピーしました。")
    assert desk.evaluate("navigator.clipboard.readText()") == mailed[0]
    with desk.context.browser.new_context() as citizen:  # type: ignore[union-attr]
        page = citizen.new_page()
        page.goto(mailed[0])
        expect(page.locator(":target")).to_contain_text("2029")


def test_each_column_cites_its_plan(desk: Page) -> None:
    look_up(desk, "計画の期間を教えて")
    desk.keyboard.press("v")
    expect(desk.locator(".comparing .pane")).to_have_count(2)
    for side, title in zip(desk.locator(".comparing .pane").all(), (OLD, NEW), strict=True):
        expect(side.locator(".cited").first).to_be_visible()
        assert all(title in one for one in side.locator(".cited .title").all_inner_texts())
    desk.keyboard.press("c")
    expect(desk.locator("#message")).to_have_text("新旧の回答を根拠ごとコピーしました。")
    copied = desk.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("【お尋ね】\n計画の期間を教えて\n\n■ 旧：" + OLD)
    assert f"■ 新：{NEW}" in copied


def test_a_call_survives_a_reload(desk: Page) -> None:
    look_up(desk, f"{NEW}の計画期間は?")
    look_up(desk, "その基本理念は?")
    said = desk.locator(".said").inner_text()
    desk.reload(wait_until="domcontentloaded")
    expect(desk.locator(".said")).to_have_text(said, use_inner_text=True)
    expect(desk.locator("#earlier a")).to_have_count(2)
    expect(desk.locator(".source:has(#source-1) mark").first).to_be_visible()


def test_an_earlier_call_with_a_withdrawn_source_says_so(desk: Page, data: Path) -> None:
    question = f"{NEW}の推進体制を教えてください"
    look_up(desk, question)
    (cited,) = {one for one in ("dx-action-plan-2.0",) if desk.locator(f".source a[href*='{one}']").count()}
    settings = Settings(_env_file=None, data=data)
    withdraw(settings, [cited], "数字に誤り", "安奈")
    try:
        desk.keyboard.press("n")
        desk.get_by_role("link", name="これまでの通話").click()
        call = desk.locator(".calls li").filter(has=desk.get_by_role("link", name=question)).first
        expect(call).to_contain_text("取り下げられた")
        call.get_by_role("link").click()
        answer = desk.locator(".pane.answer")
        expect(answer).to_contain_text(f"この回答が示す「{NEW}」は、取り下げられました（理由：数字に誤り")
        expect(desk.locator(".source").first).to_contain_text("いまは使えない")
        expect(desk.locator(f".source a[href*='{cited}']")).to_have_count(0)
        expect(desk.locator(f"article.document a[href*='{cited}']")).to_have_count(0)
        assert "取り下げられました" in (desk.locator("[data-copy]").first.get_attribute("data-copy") or "")
        assert violations(desk) == []
    finally:
        restore(settings, [cited], "安奈")
    desk.reload(wait_until="domcontentloaded")
    expect(desk.locator(".source").first).to_be_visible()
    expect(desk.locator(".pane.answer")).not_to_contain_text("取り下げられました")


def test_an_earlier_call_is_found_by_a_word_of_its_questions(desk: Page) -> None:
    look_up(desk, "ＤＸ会議には誰が出ますか")
    desk.keyboard.press("n")
    desk.get_by_role("link", name="これまでの通話").click()
    expect(desk.locator(".calls a").first).to_be_visible()
    desk.get_by_label("質問の言葉").fill("渡し船")
    desk.keyboard.press("Enter")
    expect(desk.locator(".empty")).to_contain_text("その言葉を含む質問の記録はありません")
    desk.get_by_label("質問の言葉").fill("dx 誰が")
    desk.get_by_role("button", name="見る", exact=True).click()
    expect(desk.locator(".calls a")).to_have_text(["ＤＸ会議には誰が出ますか"])
    assert violations(desk) == []
    desk.locator(".calls a").click()
    expect(desk.locator("#asked")).to_have_text("質問：ＤＸ会議には誰が出ますか")


def test_the_start_of_an_answer_is_visible(desk: Page) -> None:
    desk.set_viewport_size({"width": 1280, "height": 500})
    for question in ("計画期間は?", f"{NEW}の策定の趣旨と推進体制は?"):
        look_up(desk, question)
        desk.wait_for_timeout(300)  # what unfolds says so a moment later
        assert desk.evaluate("scrollY") == 0
    desk.set_viewport_size({"width": 1280, "height": 800})
    desk.locator(".source:not([open]) summary").last.click()
    expect(desk.locator(".source").last).to_be_in_viewport(ratio=0.99)


def test_each_document_is_asked_as_of_a_day_in_force(settings: Settings) -> None:
    with open_service(settings) as service:
        (pair,) = replacement_pairs(service.documents(date(2026, 11, 20)))
    assert pair.old.document.title == OLD
    assert pair.new.document.title == NEW
    assert comparison_days(pair, date(2026, 11, 20)) == (date(2025, 12, 31), date(2026, 11, 20))
    assert comparison_days(pair, date(2026, 1, 10)) == (date(2025, 12, 31), date(2026, 4, 1))


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (f"{NEW}の期間は?", f"{OLD}の期間は?"),
        ("プラン2.0の期間は?", f"{OLD}の期間は?"),
        ("期間は?", "期間は?"),
        ("割合は12.05%ですか", "割合は12.05%ですか"),
        (f"{NEW}とDX会議資料の違いは?", f"{NEW}とDX会議資料の違いは?"),
    ],
)
def test_a_question_is_rewritten_for_the_other_plan(settings: Settings, question: str, asked: str) -> None:
    with open_service(settings) as service:
        (pair,) = replacement_pairs(service.documents())
    assert question_about_document(question, pair.old.document, pair.new.document) == asked


@pytest.mark.parametrize(
    ("one", "other", "only"),
    [
        ("期間は3か年です", "期間は4か年です", (["3"], ["4"])),
        ("同じです", "同じです", ([], [])),
        ("", "新しい", ([], ["新しい"])),
    ],
)
def test_differing_words_are_marked(one: str, other: str, only: tuple[list[str], list[str]]) -> None:
    cut = diff_words(one, other)
    assert tuple("".join(words.text for words in side) for side in cut) == (one, other)
    assert tuple([words.text for words in side if words.is_marked] for side in cut) == only
