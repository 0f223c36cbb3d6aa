"""Tests of the console over `corpus/`: plan comparison, calls that survive a reload, and response time."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.pages.staff.answer_comparison import question_about_document, replacement_pairs
from bot.service import Service, open_service
from ingest.configuration.settings import Settings
from ingest.metadata.document_states import restore, withdraw
from tests.accessibility import violations
from tests.bot.html_page import HtmlPage
from tests.bot.pages.staff.console import ask, console, look_up, seated, staff_client
from tests.conftest import ROOT, without_records

OLD, NEW = "令和4年度 第4回 金沢市DX会議 資料", "金沢市DXアクションプラン2.0"


@pytest.fixture(scope="module")
def data(corpus_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return without_records(corpus_data, tmp_path_factory.mktemp("corpus") / "data")


@pytest.fixture(scope="module")
def served(data: Path) -> Iterator[tuple[Service, str]]:
    """Yield a service and the address of its console."""
    settings = Settings(_env_file=None, data=data, corpus=ROOT / "corpus")
    with open_service(settings) as service:
        service.search("期間")  # the first search loads what the others find loaded
        with console(service, settings) as url:
            yield service, url


@pytest.fixture
def desk(seat: BrowserContext, served: tuple[Service, str], data: Path) -> Iterator[Page]:
    with seated(seat, served[1], data) as page:
        yield page


@pytest.mark.browser
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
    for side, title in ((old, OLD), (new, NEW)):
        assert all(title in one for one in side.locator(".cited .title").all_inner_texts())
    assert violations(desk) == []
    desk.keyboard.press("c")
    expect(desk.locator("#message")).to_have_text("新旧の回答を根拠ごとコピーしました。")
    copied = desk.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"【お尋ね】\n{NEW}のプランの期間は?\n\n■ 旧：" + OLD)
    assert f"■ 新：{NEW}" in copied
    desk.keyboard.press("v")
    expect(desk.locator(".panes .pane")).to_have_count(3)
    said = desk.locator(".said").inner_text()
    desk.reload(wait_until="domcontentloaded")
    expect(desk.locator(".said")).to_have_text(said, use_inner_text=True)
    expect(desk.locator(".source:has(#source-1) mark").first).to_be_visible()


def test_an_earlier_call_with_a_withdrawn_source_says_so(served: tuple[Service, str], data: Path) -> None:
    settings = Settings(_env_file=None, data=data)
    client = staff_client(served[0], settings)
    question, cited = f"{NEW}の推進体制を教えてください", "dx-action-plan-2.0"
    address = ask(client, question)["at"]
    assert HtmlPage(client.get(address).text).count(f".source a[href*='{cited}']") > 0
    withdraw(settings, [cited], "数字に誤り", "安奈")
    try:
        calls = HtmlPage(client.get("/staff/calls").text).texts(".calls li")
        assert "取り下げられた" in next(call for call in calls if question in call)
        page = HtmlPage(client.get(address).text)
        told = f"この回答が示す「{NEW}」は、取り下げられました（理由：数字に誤り"
        assert told in page.texts(".pane.answer")[0]
        assert "いまは使えない" in page.texts(".source")[0]
        assert page.count(f":is(.source, article.document) a[href*='{cited}']") == 0
        assert "取り下げられました" in page.values("[data-copy]", "data-copy")[0]
    finally:
        restore(settings, [cited], "安奈")
    assert "取り下げられました" not in client.get(address).text


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
