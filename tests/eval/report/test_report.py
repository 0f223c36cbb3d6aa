"""The HTML report of a run in a browser."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from eval.__main__ import main
from eval.metrics.agreement import calibration
from eval.report.html_report import load_history
from eval.scoring.run_record import RunRow, load_run, save_run
from eval.scoring.score import failed_score
from tests.accessibility import violations
from tests.eval.examples import make_answer, make_case, make_row, make_run

TEXT = "<b>節</b>の本文"
SEARCHED = [{"passage_id": "p#1", "doc_id": "plan", "section": "期間", "page": 1, "score": 1.0, "text": TEXT}]


def beside(confidence: float, ms: float = 40.0) -> dict[str, Any]:
    """Return what a run in the process looks at."""
    return {"confidence": confidence, "timing": {"ms": ms, "work_ms": 4.0}, "searched": SEARCHED}


def a_run(date: str, *, failing: bool = True, **config: Any) -> Any:
    """Return a run with two cases that pass, and two that fail."""
    rows = [
        replace(make_row("a", passed=True), observations=beside(0.9)),
        replace(make_row("b", passed=True, kind="list"), observations=beside(0.8, 300)),
    ]
    if failing:
        wrong = make_row("wrong", passed=False, kind="list", text="<script>alert(1)</script>", of="other")
        rows += [
            replace(wrong, observations=beside(0.2)),
            RunRow(make_case(id="none"), None, failed_score("HTTP 500"), "own"),
        ]
    run = make_run(*rows)
    return replace(
        run,
        config={"command": "run", "door": "process", "version": "0.1.0", "date": date, "sets": {"own": {}}} | config,
    )


@pytest.fixture
def reported(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that saves a run and returns its report."""

    def report(*arguments: str, failing: bool = True) -> Path:
        save_run(tmp_path / "run", a_run("2026-11-20T10:00:00", failing=failing))
        out = tmp_path / "report.html"
        assert main(["report", str(tmp_path / "run"), "--out", str(out), *arguments]) == 0
        return out

    return report


@pytest.mark.browser
@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_report_is_accessible_in_both_languages_at_any_width(
    page: Page, reported: Callable[..., Path], language: str, width: int
) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(reported("--lang", language).as_uri())
    assert page.locator("html").get_attribute("lang") == language
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert [url for url in fetched if not url.startswith("file:")] == []
    assert len(fetched) == 1


@pytest.mark.browser
def test_a_failing_case_is_shown_with_answer_reasons_and_passages(page: Page, reported: Callable[..., Path]) -> None:
    page.goto(reported().as_uri())
    case = page.get_by_role("article", name="wrong")
    case.get_by_text("検索で見つかった箇所").first.click()
    shown = case.inner_text()
    for words in (
        "目標は何人ですか?",
        "<script>alert(1)</script>",
        "「1,500人」のどれも無い",
        "<b>節</b>の本文",
        "plan#期間",
    ):
        assert words in shown
    assert "回答を受け取れませんでした" in page.get_by_role("article", name="none").inner_text()


@pytest.mark.browser
def test_failing_cases_are_collapsed_by_set_and_kind(browser: Browser, reported: Callable[..., Path]) -> None:
    context = browser.new_context(java_script_enabled=False, locale="ja-JP")
    page = context.new_page()
    page.goto(reported().as_uri())
    assert page.get_by_role("article").count() == 2
    page.get_by_text("list (1)").click()
    assert page.get_by_role("article").count() == 1
    context.close()


@pytest.mark.browser
def test_each_bar_has_its_figure_as_text(page: Page, reported: Callable[..., Path]) -> None:
    page.goto(reported().as_uri())
    for name in ("種類ごとの合格率", "質問集ごとの合格率", "答えの確かさの較正", "回答までの時間"):
        rows = page.get_by_role("region", name=name, exact=True).locator("tbody tr")
        assert rows.locator("svg.bar").count() == rows.count() > 0
    assert "list 並んでいるものを全部 2 1 50.0 ±" in " ".join(
        page.get_by_role("group", name="種類ごとの合格率").inner_text().split()
    )


@pytest.mark.browser
def test_printing_expands_passages_and_hides_controls(page: Page, reported: Callable[..., Path]) -> None:
    page.goto(reported().as_uri())
    page.emulate_media(media="print")
    assert page.get_by_text(TEXT).first.bounding_box()
    assert not page.get_by_role("link", name="本文へ").is_visible()


@pytest.mark.browser
def test_the_history_contains_only_runs_of_the_same_sets(page: Page, tmp_path: Path) -> None:
    for name, day in (("first", 18), ("second", 19), ("now", 20)):
        save_run(tmp_path / "runs" / name, a_run(f"2026-11-{day}T10:00:00"))
    save_run(tmp_path / "runs" / "other", make_run(make_row("x", passed=True, of="elsewhere")))
    (tmp_path / "runs" / "empty").mkdir()
    out = tmp_path / "report.html"
    main(["report", str(tmp_path / "runs" / "now"), "--history", str(tmp_path / "runs"), "--out", str(out)])
    page.goto(out.as_uri())
    assert page.get_by_role("group", name="これまでの合格率").locator("tbody svg.bar").count() == 3


def test_the_report_accepts_old_runs_without_some_figures(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    for name, day in (("old", 18), ("foreign", 19), ("now", 20)):
        save_run(runs / name, a_run(f"2026-11-{day}T10:00:00"))
    for name, gone in (("old", "rate_se"), ("foreign", "passed")):
        file = runs / name / "figures.json"
        figures = json.loads(file.read_text("utf-8"))
        del figures[gone]
        file.write_text(json.dumps(figures), "utf-8")
    assert [past.date[:10] for past in load_history(runs, load_run(runs / "now"))] == ["2026-11-18", "2026-11-20"]


def test_a_run_without_failures_says_so(reported: Callable[..., Path]) -> None:
    assert "不合格の問いはありません。" in reported(failing=False).read_text("utf-8")


def test_a_folder_without_a_run_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path)]) == 2
    assert "--out で保存した先" in capsys.readouterr().err
    save_run(tmp_path / "run", make_run(make_row("a", passed=True)))
    assert main(["report", str(tmp_path / "run"), "--history", str(tmp_path / "none")]) == 2
    assert "--history" in capsys.readouterr().err


def test_calibration_is_computed_from_bins() -> None:
    found = calibration([(0.9, True), (0.9, True), (0.9, False), (0.2, False)])
    assert found is not None
    assert [(one.n, one.share) for one in found.bins] == [(1, 0), (3, pytest.approx(2 / 3))]
    assert found.ece == pytest.approx(3 / 4 * abs(2 / 3 - 0.9) + 1 / 4 * 0.2)
    assert found.brier == pytest.approx((0.01 + 0.01 + 0.81 + 0.04) / 4)
    assert calibration([]) is None


def test_the_english_report_does_not_translate_answers(tmp_path: Path) -> None:
    row = RunRow(make_case(id="x"), make_answer("ありません。", "no_answer"), failed_score("なし"), "own")
    run = make_run(row)
    save_run(tmp_path, replace(run, config={"command": "run", "door": "process", "date": "2026-11-20", "version": "0"}))
    main(["report", str(tmp_path), "--lang", "en"])
    html = (tmp_path / "report.html").read_text("utf-8")
    assert "Failing cases" in html
    assert "ありません。" in html
