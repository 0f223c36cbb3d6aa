from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from eval.__main__ import main
from eval.scoring.run_record import RunRow, save_run
from eval.scoring.score import refused
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
            RunRow(make_case(id="none"), None, refused("HTTP 500"), "own"),
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
    filled = page.locator(".drawn rect:not(.track)").first.bounding_box()
    assert filled
    assert filled["width"] > 0
    assert page.get_by_role("img", name="答えの確かさの較正").bounding_box()
    assert len(fetched) == 1
    page.emulate_media(media="print")
    assert page.get_by_text(TEXT).first.bounding_box()
    assert not page.get_by_role("link", name="本文へ").is_visible()
