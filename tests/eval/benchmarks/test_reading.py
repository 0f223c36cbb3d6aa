"""Rates of pages and scans that are read as transcribed, and of proposed metadata."""

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from eval.benchmarks.proposed_metadata import is_same_title
from eval.benchmarks.reading_scans import Sheet, judge_sheets, scan_figures
from ingest.documents import Line
from tests.eval.eval_command import evaluate_here
from tests.eval.examples import write_lines
from tests.ingest.pdf_files import PICTURE, Text, cells, lines, page, pdf, picture, ruled, scan

XS = (72, 192, 292)
YS = (700, 680, 660, 640)
WORDS = (("施設", "利用者"), ("中央図書館", "12,400人"), ("北公民館", ""))
TABLE = {"ruled": True, "header_rows": 1, "header_columns": 1, "grid": WORDS}
SEEN: dict[str, Any] = {
    "file": "plan.pdf",
    "page": 1,
    "kind": "table",
    "headings": ["１ 施設の利用"],
    "furniture": ["- 1 -"],
    "blocks": ["１ 施設の利用", "施設", "数は令和７年度"],
    "tables": [TABLE],
}


def measured(folder: Path, *pages: dict[str, Any], options: tuple[str, ...] = ()) -> CompletedProcess[str]:
    (folder / "pdfs").mkdir(exist_ok=True)
    words = [Text("１ 施設の利用", base=740), Text("数は令和７年度のものです。", base=600)]
    first = ruled(XS, YS) + b"\n" + page(*words, *cells(XS, YS, *WORDS), Text("- 1 -", 280, 30))
    second = page(Text("２ 施設の整備", base=740), Text("○本館を改修します。", base=700), Text("- 2 -", 280, 30))
    (folder / "pdfs" / "plan.pdf").write_bytes(pdf(first, second))
    truth = write_lines(folder / "seen.jsonl", *pages)
    return evaluate_here(
        "reading-pages", "--pdfs", folder / "pdfs", "--truth", truth, "--json", *options, folder=folder
    )


def figures(folder: Path, *pages: dict[str, Any]) -> dict[str, Any]:
    done = measured(folder, *pages)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_a_page_read_as_transcribed_is_right(tmp_path: Path) -> None:
    output = figures(tmp_path, SEEN)
    assert [output[name] for name in ("cells_ruled", "order", "headings", "furniture")] == [1] * 4
    assert output["cells_ruled_n"] == 2
    assert output["order_n"] == 2
    assert output["pages"] == 1
    assert output["skipped"] == 0


@pytest.mark.parametrize(
    ("figure", "seen"),
    [
        ("cells_ruled", {"tables": [TABLE | {"grid": (("施設", "開館日数"), *WORDS[1:2])}]}),
        ("cells_ruled", {"tables": [TABLE | {"grid": (*WORDS[:2], ("北公民館", "12,400人"))}]}),
        ("cells_ruled", {"tables": [TABLE | {"grid": (WORDS[0], ("中央図書館", ""))}]}),
        ("order", {"blocks": SEEN["blocks"][::-1]}),
        ("order", {"blocks": ["１ 施設の利用", "この文はありません"]}),
        ("headings", {"headings": ["２ 施設の廃止"]}),
        ("furniture", {"furniture": ["数は令和７年度のものです。"]}),
    ],
)
def test_deviations_from_the_transcription_are_wrong(figure: str, seen: dict[str, Any], tmp_path: Path) -> None:
    assert figures(tmp_path, SEEN | seen)[figure] < 1


def test_pairs_of_blocks_are_missing_or_reversed(tmp_path: Path) -> None:
    output = figures(tmp_path, SEEN | {"blocks": [*SEEN["blocks"][::-1], "この文はありません"]})
    assert (output["order_n"], output["order_turned"], output["order_missing"]) == (3, 2, 1)


def test_marks_that_look_alike_are_equal(tmp_path: Path) -> None:
    seen = SEEN | {"page": 2, "tables": [], "headings": [], "furniture": [], "blocks": ["２ 施設の整備", "〇本館を"]}
    assert figures(tmp_path, seen)["order"] == 1


def test_a_page_without_its_file_is_skipped_and_reported(tmp_path: Path) -> None:
    done = measured(tmp_path, SEEN, SEEN | {"file": "other.pdf"})
    assert json.loads(done.stdout)["skipped"] == 1
    assert "other.pdf が" in done.stderr


def test_without_any_file_the_error_says_what_to_do(tmp_path: Path) -> None:
    done = measured(tmp_path, SEEN | {"file": "other.pdf"})
    assert done.returncode == 2
    assert "--pdfs と --truth を確かめてください" in done.stderr


def test_errors_can_be_printed(tmp_path: Path) -> None:
    done = measured(tmp_path, SEEN | {"headings": ["２ 施設の廃止"]}, options=("--wrong",))
    assert json.loads(done.stdout)["wrong"]["plan.pdf#1"]["headings"] == ["２ 施設の廃止"]


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


BODY = page(*lines(*["市は、港のにぎわいを取り戻すため、市民や事業者とともに次の取組を進めます。"] * 20))


@pytest.mark.parametrize(
    ("proposed", "wanted", "same"),
    [
        ("美浜市 港づくり計画（概要版）", "美浜市港づくり計画", 1),
        ("美浜市港づくり計画 〜海とともに〜", "美浜市港づくり計画", 1),
        ("「港づくり計画」", "港づくり計画", 1),
        ("第２期港づくり計画", "第2期 港づくり計画", 1),
        ("港づくり計画", "第２期港づくり計画", 0),
        ("港づくり計画の改定について", "港づくり計画", 0),
    ],
)
def test_titles_are_compared_without_spaces_brackets_and_subtitle(proposed: str, wanted: str, same: int) -> None:
    assert is_same_title(proposed, wanted) == bool(same)


def test_the_figures_are_rates_of_right_values(tmp_path: Path) -> None:
    cover = page(
        Text("美浜市港づくり計画", left=150, base=640, size=28), Text("令和８年３月", left=250, base=160, size=14)
    )
    (tmp_path / "plan.pdf").write_bytes(pdf(cover, BODY))
    (tmp_path / "scan.pdf").write_bytes(pdf(PICTURE))
    truth: list[dict[str, Any]] = [
        {"file": "plan.pdf", "title": "港づくり", "also": ["美浜市 港づくり計画"], "published": "2026-03"},
        {"file": "scan.pdf", "title": "港の図", "publisher": None},
        {"file": "elsewhere.pdf", "title": "ほか"},
    ]
    write_lines(tmp_path / "truth.jsonl", *truth)
    arguments = ("manifest", "--pdfs", tmp_path, "--truth", tmp_path / "truth.jsonl", "--json")
    output = json.loads(evaluate_here(*arguments, folder=tmp_path).stdout)
    assert output["files"] == 2
    assert output["title"] == 0.5
    assert output["title_n"] == 2
    assert output["published"] == 1
    assert output["published_n"] == 1
    assert output["title_sure"] == 1
    assert output["title_sure_n"] == 1
    assert output["title_se"] == 0.5
