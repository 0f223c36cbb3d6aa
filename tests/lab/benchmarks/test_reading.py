import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.eval.eval_command import evaluate_here
from tests.eval.examples import write_lines
from tests.ingest.pdf_files import Text, cells, page, pdf, ruled

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


def measured(folder: Path, *pages: dict[str, Any], options: tuple[str | Path, ...] = ()) -> CompletedProcess[str]:
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


def test_a_page_without_its_file_is_skipped_and_reported(tmp_path: Path) -> None:
    done = measured(tmp_path, SEEN, SEEN | {"file": "other.pdf"})
    assert json.loads(done.stdout)["skipped"] == 1
    assert "other.pdf が" in done.stderr
