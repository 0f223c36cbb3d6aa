"""`python -m eval reading-scans`, from a scan and its true text to error rates."""

import json
from pathlib import Path

import pytest

from eval.benchmarks.reading_scans import Sheet, judge_sheets, scan_figures
from ingest.documents import Line
from tests.eval.eval_command import evaluate_here
from tests.ingest.pdf_files import lines, page, picture, scan

TEXT = "市の窓口は平日の九時から開いています。"


def test_a_scan_is_compared_with_its_true_text(tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(scan(picture(page(*lines(TEXT, size=16)))))
    truth = {"page": 1, "text": TEXT.replace("九", "八") + "\n"}
    (tmp_path / "truth.jsonl").write_text(json.dumps(truth) + "\n", "utf-8")
    arguments = (
        "--pdf",
        tmp_path / "scan.pdf",
        "--truth",
        tmp_path / "truth.jsonl",
        "--out",
        tmp_path / "run",
        "--json",
    )
    ended = evaluate_here("reading-scans", *arguments, folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    output = json.loads(ended.stdout)
    assert output["cer"] == 1 / len(TEXT)
    assert output["cer_errors"] == 1
    assert output["cer_n"] == len(TEXT)
    assert output["rss_mb"] > 0
    assert json.loads((tmp_path / "run" / "rows.jsonl").read_text("utf-8"))["errors"] == 1


@pytest.mark.parametrize(
    ("read", "running", "bag"),
    [
        (("公園の数", "十二"), 0, 0),
        (("十二", "公園の数"), 4, 0),
        (("公園の散", "十二"), 1, 1),
        (("公園の数", "十二", "市"), 1, 1),
        ((), 6, 6),
    ],
)
def test_order_counts_only_in_running_text(read: tuple[str, ...], running: int, bag: int) -> None:
    sheets = [Sheet(page=1, text="公園 の数\n十二")]
    found = [Line(n, text, 1, 0.9) for n, text in enumerate(read, 1)]
    assert judge_sheets(sheets, found, [])[0].errors == running
    assert judge_sheets(sheets, found, [1])[0].errors == bag


def test_running_text_and_bags_of_lines_have_separate_rates() -> None:
    sheets = [Sheet(page=1, text="公園"), Sheet(page=2, text="緑地帯と川")]
    rows = judge_sheets(sheets, [Line(1, "公園", 1), Line(2, "緑地帯と", 2)], [2])
    figures = scan_figures(rows)
    assert figures["cer"] == 0
    assert figures["bag_cer"] == 1 / 5
    assert figures["bag_cer_n"] == 5
