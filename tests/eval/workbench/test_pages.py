"""Each tab of the workbench, used in a browser."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.auth.sessions import NAME
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


def files(workbench: Workbench, page: Page, name: str) -> list[dict[str, str]]:
    cookie = next(one["value"] for one in page.context.cookies() if one["name"] == NAME)
    with httpx2.Client(trust_env=False, cookies={NAME: cookie}) as client:
        text = client.get(f"{workbench.url}/workbench/{name}").raise_for_status().text
    return list(csv.DictReader(text.removeprefix("\ufeff").splitlines()))


def test_a_run_is_started_and_browsed(seat: BrowserContext, workbench: Workbench) -> None:
    page = workbench.open(seat)
    page.get_by_role("button", name="評価を始める").click()
    page.get_by_role("checkbox", name=re.compile("（kanazawa）")).uncheck()
    page.get_by_role("checkbox", name=re.compile("（office）")).check()
    page.get_by_role("radio", name="いま使っている索引").check()
    press(page, "始める")
    expect(page.locator("#message")).to_contain_text("評価を始めました")
    page.get_by_role("link", name="回答を見る").first.click(timeout=RUN_MS)
    expect(page.locator("#cases")).to_contain_text("市民プールの休館日は?")


def test_an_answer_is_scored_with_keys(seat: BrowserContext, workbench: Workbench, runs: tuple[str, str]) -> None:
    page = workbench.open(seat, f"tab=scoring&run={runs[0]}")
    progress(page, 0)
    expect(page.get_by_role("heading", name=re.compile("自動採点"))).to_have_count(0)
    for n, key in enumerate("453", 1):
        page.keyboard.press(key)
        expect(page.locator(".marks :checked")).to_have_count(n)
    page.locator("#tabs").evaluate("() => document.activeElement.blur()")
    page.keyboard.press("Enter")
    progress(page, 1)
    page.keyboard.press("k")
    expect(page.get_by_role("heading", name=re.compile("自動採点"))).to_be_visible()
    given = [one for one in files(workbench, page, "scores.csv") if one["run"] == runs[0]]
    assert [(one["correctness"], one["grounds"], one["clarity"]) for one in given] == [("4", "5", "3")]


def test_a_blind_comparison_hides_the_runs_until_its_end(
    seat: BrowserContext, workbench: Workbench, runs: tuple[str, str]
) -> None:
    page = workbench.open(seat, f"tab=scoring&run={runs[0]}&other={runs[1]}")
    for done, key in enumerate("ab="):
        progress(page, done)
        assert runs[0] not in page.locator("#asked, #side-a, #side-b").all_inner_texts()
        assert {one["better"] for one in files(workbench, page, "preferences.csv") if one["run_1"] in runs} <= {""}
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name="目かくしの結果")).to_be_visible()
    chosen = [one["choice"] for one in files(workbench, page, "preferences.csv") if one["run_1"] in runs]
    assert chosen == ["a", "b", "same"]
    page.keyboard.press("u")
    progress(page, 2)


def test_page_and_files_require_a_sign_in(workbench: Workbench) -> None:
    with httpx2.Client(trust_env=False, follow_redirects=False) as client:
        for path in ("/workbench/", "/workbench/scores.csv", "/workbench/config", "/workbench/report/any"):
            assert client.get(workbench.url + path).status_code in {303, 401}


def test_axe_reports_no_violation(seat: BrowserContext, workbench: Workbench, runs: tuple[str, str]) -> None:
    before, after = runs
    addresses = (
        "tab=runs",
        f"tab=cases&run={after}&set=own&case=first",
        "tab=cases&edit=1",
        f"tab=comparison&run={before}&run={after}",
        f"tab=scoring&run={before}",
        f"tab=scoring&run={before}&other={after}",
        "tab=verdicts",
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
