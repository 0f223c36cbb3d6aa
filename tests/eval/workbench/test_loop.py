"""The workbench over a real index: runs, cases asked again and edited, and the loop from a question to a case."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from eval.dataset.case import load_cases
from tests.accessibility import violations
from tests.conftest import without_records
from tests.eval.workbench.at_work import Workbench, workbench_over_index

pytestmark = pytest.mark.browser
CASES = (
    {
        "id": "office-period",
        "kind": "period",
        "turns": ["DXアクションプラン2.0の計画期間は?"],
        "must": [["令和11(2029)年度"]],
        "cite": ["dx-action-plan-2.0#1.3. プランの期間"],
        "behave": "answer",
    },
    {"id": "office-pool", "kind": "not_there", "turns": ["市民プールの休館日は?"], "behave": "abstain"},
)


@pytest.fixture(scope="module")
def at_work(corpus_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Yield a workbench over an index of `corpus/`, with two cases of the office's own."""
    data = tmp_path_factory.mktemp("at_work") / "data"
    without_records(corpus_data, data)
    (data / "cases").mkdir()
    (data / "cases" / "office.jsonl").write_text("\n".join(map(json.dumps, CASES)), "utf-8")
    with workbench_over_index(data) as opened:
        yield opened


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def said(page: Page, text: str) -> None:
    expect(page.locator("#said")).to_contain_text(text)


def start(page: Page, *sets: str) -> None:
    """Start a run of these sets, asked of the index in service."""
    if page.locator("#start:not([open])").count():
        page.locator("#start summary").click()
    for box in page.locator("[name=set]:checked").all():
        box.uncheck()
    for name in sets:
        page.locator(f"[name=set][value={name}]").check()
    page.get_by_label("尋ねる相手").select_option("いま使っている索引")
    press(page, "始める")
    said(page, "を始めました")


def test_a_run_is_started_goes_on_without_a_page_and_is_browsed(seat: BrowserContext, at_work: Workbench) -> None:
    """The page may be shut meanwhile; another one shows how far it is, and its answers at the end."""
    page = at_work.open(seat)
    start(page, "office")
    page.close()
    page = at_work.open(seat, who="文太")
    expect(page.get_by_text("終わりました。")).to_be_visible()
    expect(page.locator(".progress")).to_contain_text("2問中2問")
    page.get_by_role("link", name="回答を見る").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator(".badge.current")).to_have_count(2)


def test_a_run_that_was_stopped_goes_on_where_it_was(seat: BrowserContext, at_work: Workbench) -> None:
    """What was asked is kept; the rest is asked later."""
    page = at_work.open(seat)
    start(page, "kanazawa-asked")
    expect(page.locator(".progress")).to_contain_text(re.compile("問中[1-9]"))
    press(page, "止める")
    expect(page.get_by_text("止めました。")).to_be_visible()
    press(page, "続きから")
    said(page, "の続きを始めました")
    press(page, "止める")
    expect(page.get_by_text("止めました。")).to_be_visible()


def test_a_case_is_asked_again_without_a_trace(seat: BrowserContext, at_work: Workbench) -> None:
    """The answer of now stands with its checks and passages; the queue knows nothing of it."""
    page = at_work.open(seat, "case?set=office&id=office-pool")
    page.get_by_role("link", name="いま尋ねる").click()
    expect(page.get_by_role("heading", name="いまの回答")).to_contain_text("合格")
    page.goto(f"{at_work.url}/workbench/#case?set=office&id=office-period&again=1")
    expect(page.get_by_role("region", name="文ごとの裏付け")).to_contain_text("令和11")
    expect(page.get_by_role("region", name="検索で見つかった箇所").locator("li").first).to_be_visible()
    page.goto(f"{at_work.url}/staff/queue")
    expect(page.locator("h1")).to_have_text("改善")
    assert "市民プールの休館日" not in page.locator("#view").inner_text()


def test_two_who_edit_one_case_do_not_lose_each_others_words(seat: BrowserContext, at_work: Workbench) -> None:
    """The second is told and keeps what was typed; the file has the first one's."""
    first, second = (at_work.open(seat, "edit?id=office-pool") for _ in range(2))
    first.get_by_label("覚え書き").fill("先の人")
    second.get_by_label("覚え書き").fill("後の人")
    press(first, "保存する")
    said(first, "保存しました")
    press(second, "保存する")
    expect(second.locator("#problem")).to_contain_text("ほかの人が変えました")
    expect(second.get_by_label("覚え書き")).to_have_value("後の人")
    cases = load_cases([at_work.data / "cases" / "office.jsonl"])
    assert [case.note for case in cases] == ["", "先の人"]


def test_a_broken_case_is_told_field_by_field(seat: BrowserContext, at_work: Workbench) -> None:
    """What is missing and what cannot match is said before anything is kept."""
    page = at_work.open(seat, "edit")
    page.get_by_label("id", exact=True).fill("office-broken")
    page.get_by_label("種類").fill("fact")
    page.get_by_label(re.compile("^発言")).fill("計画の期間は?")
    press(page, "保存する")
    expect(page.locator("#problem")).to_contain_text("必要な言葉（must）と出典（cite）が要ります")
    page.get_by_label(re.compile("^必要な言葉")).fill("令和99年度")
    page.get_by_label(re.compile("^出典")).fill("dx-action-plan-2.0#1.3. プランの期間")
    press(page, "確かめるだけ")
    expect(page.locator("#problem")).to_contain_text("令和99年度")


@pytest.mark.parametrize("address", ["edit", "ask?turns=計画の期間は"])
def test_axe_finds_nothing_to_mend(seat: BrowserContext, at_work: Workbench, address: str) -> None:
    """No view violates a rule of axe-core, and on a phone none is wider than the screen."""
    page = at_work.open(seat, address, phone=True)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
