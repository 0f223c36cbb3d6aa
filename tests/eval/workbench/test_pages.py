import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.running.auth.sessions import NAME
from eval.dataset.case_tables import read_cases, write_cases
from tests.accessibility import dark_violations, violations
from tests.conftest import without_records
from tests.eval.workbench.workbench_server import (
    Workbench,
    save_rows,
    serve_workbench_over_index,
    three_rows,
)

pytestmark = pytest.mark.browser
# A run opens an index in a process of its own.
RUN_MS = 300_000
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
def workbench(corpus_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    data = tmp_path_factory.mktemp("workbench") / "data"
    without_records(corpus_data, data)
    (data / "cases").mkdir()
    (data / "cases" / "office.jsonl").write_text("\n".join(map(json.dumps, CASES)), "utf-8")
    with serve_workbench_over_index(data) as opened:
        yield opened


@pytest.fixture
def runs(workbench: Workbench) -> tuple[str, str]:
    name = uuid4().hex[:8]
    save_rows(workbench.data, f"{name}-2", *three_rows(passed=False, text="目標値は900人です[1]。"))
    return save_rows(workbench.data, f"{name}-1", *three_rows()), f"{name}-2"


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def progress(page: Page, done: int) -> None:
    expect(page.locator(".progress:visible")).to_contain_text(f"3問中{done}問")


def files(workbench: Workbench, page: Page, address: str) -> bytes:
    cookie = next(one["value"] for one in page.context.cookies() if one["name"] == NAME)
    with httpx2.Client(trust_env=False, cookies={NAME: cookie}) as client:
        return client.get(f"{workbench.url}/workbench/{address}").raise_for_status().content


def marks(workbench: Workbench, page: Page, subject: str) -> list[tuple[str, str]]:
    text = files(workbench, page, f"marks.csv?{subject}").decode("utf-8-sig")
    return [(row["person"], row["mark"]) for row in csv.DictReader(text.splitlines())]


def test_a_run_is_started_survives_a_reload_and_is_browsed(seat: BrowserContext, workbench: Workbench) -> None:
    page = workbench.open(seat)
    page.get_by_role("button", name="評価を始める").click()
    page.get_by_role("checkbox", name=re.compile("（kanazawa）")).uncheck()
    page.get_by_role("checkbox", name=re.compile("（office）")).check()
    page.get_by_role("radio", name="いま使っている索引").check()
    press(page, "始める")
    expect(page.locator("#message")).to_contain_text("評価を始めました")
    page.reload()
    expect(page.get_by_role("button", name="止める")).to_be_visible()
    page.get_by_role("link", name="回答を見る").first.click(timeout=RUN_MS)
    expect(page.locator("#cases")).to_contain_text("市民プールの休館日は?")


def test_a_run_that_cannot_start_says_why(seat: BrowserContext, workbench: Workbench) -> None:
    page = workbench.open(seat)
    page.get_by_role("button", name="評価を始める").click()
    page.get_by_role("checkbox", name=re.compile("（kanazawa）")).uncheck()
    press(page, "始める")
    expect(page.locator("#message")).to_contain_text("質問集を1つ以上")


def test_two_people_mark_blind_to_each_other(seat: BrowserContext, workbench: Workbench, runs: tuple[str, str]) -> None:
    subject = f"subject=run/{runs[0]}"
    first = workbench.open(seat, f"tab=marking&{subject}")
    for done, mark in enumerate(("正しい", "一部だけ", "正しい")):
        progress(first, done)
        press(first, mark)
    expect(first.get_by_role("heading", name="採点の結果")).to_be_visible()
    second = workbench.open(seat, f"tab=marking&{subject}", who="文太")
    for done, mark in enumerate(("正しい", "誤り", "正しい")):
        progress(second, done)
        assert {person for person, _ in marks(workbench, second, subject)} <= {"文太"}
        press(second, mark)
    expect(second.locator("#results")).to_contain_text("3問、一致 66.7% ± 27.2%")
    expect(second.locator("#results")).to_contain_text("安奈: 一部だけ、文太: 誤り")
    assert ("安奈", "partly") in marks(workbench, second, subject)


def test_a_blind_comparison_hides_the_runs_until_its_end(
    seat: BrowserContext, workbench: Workbench, runs: tuple[str, str]
) -> None:
    subject = f"subject=run/{runs[0]}&other={runs[1]}"
    page = workbench.open(seat, f"tab=marking&{subject}")
    for done, choice in enumerate(("A がよい", "どちらも同じ", "B がよい")):
        progress(page, done)
        assert not any(run in text for run in runs for text in page.locator("#judged").all_inner_texts())
        assert marks(workbench, page, subject) == []
        press(page, choice)
    expect(page.get_by_role("heading", name="目かくしの結果")).to_be_visible()
    assert [mark for _, mark in marks(workbench, page, subject)][1] == "same"


def test_real_questions_are_drawn_and_marked(seat: BrowserContext, workbench: Workbench) -> None:
    page = workbench.open(seat, "tab=marking")
    page.get_by_role("button", name="実際の質問から抜き出す").click()
    press(page, "抜き出す")
    expect(page.locator("#message")).to_contain_text("この期間に記録された質問はありません")
    with httpx2.Client(trust_env=False) as client:
        for question in ("DXアクションプラン2.0の計画期間は?", "市民プールの休館日は?"):
            client.post(f"{workbench.url}/api/chat", json={"question": question}).raise_for_status()
    press(page, "抜き出す")
    for done in range(2):
        expect(page.locator(".progress:visible")).to_contain_text(f"2問中{done}問")
        press(page, "正しい")
    expect(page.locator("#results")).to_contain_text("正しい回答は 100.0% ± 0.0%")


def test_cases_are_downloaded_edited_and_uploaded(seat: BrowserContext, workbench: Workbench, tmp_path: Path) -> None:
    page = workbench.open(seat, "tab=cases&set=office")
    rows = read_cases(files(workbench, page, "cases.xlsx?set=office"), ".xlsx")
    cases = [row.case for row in rows if row.case]
    changed = [*cases[:1], cases[1].model_copy(update={"note": "確かめた"}), cases[1].model_copy(update={"id": "new"})]
    file = tmp_path / "cases.xlsx"
    file.write_bytes(write_cases(changed, ".xlsx"))
    page.get_by_role("button", name="直した表を戻す").click()
    with page.expect_file_chooser() as chooser:
        press(page, "ファイルを選ぶ")
    chooser.value.set_files(file)
    expect(page.locator("#preview")).to_contain_text("加わる 1、変わる 1、消える 0、誤り 0")
    press(page, "この内容で保存する")
    expect(page.locator("#message")).to_contain_text("保存しました")
    expect(page.locator("#files")).to_contain_text("3問")


def test_an_answer_becomes_the_draft_of_a_case(seat: BrowserContext, workbench: Workbench) -> None:
    page = workbench.open(seat, "tab=ask&turns=DXアクションプラン2.0の計画期間は?")
    with page.expect_download() as download:
        page.get_by_role("link", name="この回答を問いの下書きにする").click()
    (row,) = read_cases(download.value.path().read_bytes(), ".xlsx")
    assert row.case
    assert row.case.behave == "answer"
    assert row.case.turns == ("DXアクションプラン2.0の計画期間は?",)


def test_two_runs_are_compared_with_the_gate(seat: BrowserContext, workbench: Workbench, runs: tuple[str, str]) -> None:
    page = workbench.open(seat, "tab=comparison")  # the newest two
    expect(page.locator("#release")).not_to_be_empty()
    page = workbench.open(seat, f"tab=comparison&before={runs[0]}&after={runs[1]}")
    expect(page.locator("#release")).to_contain_text("満たさない")
    page.locator("#changes").get_by_role("gridcell", name="失った").first.click()
    expect(page.locator("#changed mark").last).to_contain_text("900")


def test_page_and_files_require_a_sign_in(workbench: Workbench) -> None:
    with httpx2.Client(trust_env=False, follow_redirects=False) as client:
        for path in ("/workbench/", "/workbench/cases.xlsx", "/workbench/config", "/workbench/report/any"):
            assert client.get(workbench.url + path).status_code in {303, 401}


def test_axe_reports_no_violation(seat: BrowserContext, workbench: Workbench, runs: tuple[str, str]) -> None:
    before, after = runs
    addresses = (
        "tab=runs",
        f"tab=cases&run={after}&set=own&case=first",
        f"tab=comparison&before={before}&after={after}",
        f"tab=marking&subject=run/{before}",
        f"tab=marking&subject=run/{before}&other={after}",
        "tab=ask&turns=計画の期間は",
    )
    found = {}
    for address in addresses:
        page = workbench.open(seat, address)
        page.set_viewport_size({"width": 320, "height": 800})
        found[address] = violations(page)
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        found[address] += [("wider than the screen", [])] if wide else []
        found[address] += dark_violations(page)
        page.close()
    assert found == {address: [] for address in addresses}
