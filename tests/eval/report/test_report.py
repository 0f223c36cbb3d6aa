"""The HTML report of a run."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from eval.__main__ import main
from eval.report.html_report import calibration
from eval.scoring.run_record import RunRow, save_run
from eval.scoring.score import failed_score
from tests.accessibility import violations
from tests.eval.examples import make_case, make_row, make_run

TEXT = "<b>節</b>の本文"
SEARCHED = [{"passage_id": "p#1", "doc_id": "plan", "section": "期間", "page": 1, "score": 1.0, "text": TEXT}]


def beside(confidence: float, ms: float = 40.0) -> dict[str, Any]:
    return {"confidence": confidence, "timing": {"ms": ms, "work_ms": 4.0}, "searched": SEARCHED}


def a_run(*, failing: bool = True) -> Any:
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
    return replace(run, config=run.config | {"date": "2026-11-20T10:00:00", "sets": {"own": {}}})


@pytest.fixture
def reported(tmp_path: Path) -> Callable[..., Path]:
    def report(*, failing: bool = True) -> Path:
        save_run(tmp_path / "run", a_run(failing=failing))
        out = tmp_path / "report.html"
        assert main(["report", str(tmp_path / "run"), "--out", str(out)]) == 0
        return out

    return report


@pytest.mark.browser
def test_the_report_is_accessible_at_any_width_and_fetches_nothing(page: Page, reported: Callable[..., Path]) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(reported().as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == width
    assert len(fetched) == 1
    page.emulate_media(media="print")
    assert page.get_by_text(TEXT).first.bounding_box()
    assert not page.get_by_role("link", name="本文へ").is_visible()


def test_a_failing_case_is_shown_with_answer_reasons_and_passages(reported: Callable[..., Path]) -> None:
    html = reported().read_text("utf-8")
    (case,) = re.findall(r'<article class="card" id="other-wrong".*?</article>', html, re.DOTALL)
    for words in (
        "目標は何人ですか?",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "「1,500人」のどれも無い",
        "&lt;b&gt;節&lt;/b&gt;の本文",
        "plan#期間",
    ):
        assert words in case
    assert "回答を受け取れませんでした" in html
    assert "<summary>other · list (1)</summary>" in html
    assert html.count("<article") == 2


def test_each_bar_has_its_figure_as_text(reported: Callable[..., Path]) -> None:
    html = reported().read_text("utf-8")
    for name in ("kinds", "sets", "calibration", "latency"):
        section = html.split(f'id="{name}"', 1)[1].split("</section>", 1)[0]
        rows = section.count("<tr>") - section.count("<thead>")
        assert section.count('<td class="drawn">') == rows > 0, name


def test_a_run_without_failures_says_so(reported: Callable[..., Path]) -> None:
    assert "不合格の問いはありません。" in reported(failing=False).read_text("utf-8")


def test_a_folder_without_a_run_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path)]) == 2
    assert "--out で保存した先" in capsys.readouterr().err


def test_calibration_is_computed_from_bins() -> None:
    found = calibration([(0.9, True), (0.9, True), (0.9, False), (0.2, False)])
    assert found is not None
    assert [(one.n, one.share) for one in found.bins] == [(1, 0), (3, pytest.approx(2 / 3))]
    assert found.ece == pytest.approx(3 / 4 * abs(2 / 3 - 0.9) + 1 / 4 * 0.2)
    assert found.brier == pytest.approx((0.01 + 0.01 + 0.81 + 0.04) / 4)
    assert calibration([]) is None
