"""`python -m eval unreadable`, from PDFs to the pages called unreadable."""

import json
from pathlib import Path

from tests.eval.eval_command import evaluate_here
from tests.ingest.pdf_files import lines, page, pdf

SENTENCES = tuple(f"第{n}地区の集会所は、平日の午前九時から午後五時まで開いています。" for n in range(1, 9))


def test_pages_are_judged_as_they_are_and_with_exchanged_letters(tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        (tmp_path / name).write_bytes(pdf(page(*lines(*SENTENCES)), page(*lines("目次"))))
    ended = evaluate_here("unreadable", "--pdfs", tmp_path, "--made", "3", "--json", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    halves = json.loads(ended.stdout)
    assert sum(halves[name]["n"] for name in ("fitted", "held_out")) == 6
    assert [halves[name]["wrong"] for name in ("fitted", "held_out")] == [0, 0]
    made = [one for name in ("fitted", "held_out") for one in halves[name]["made"].values()]
    assert sum(one["found"] for one in made) == sum(one["n"] for one in made) == 15


def test_a_folder_without_pdfs_is_an_error(tmp_path: Path) -> None:
    ended = evaluate_here("unreadable", "--pdfs", tmp_path, folder=tmp_path)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert "読める PDF がありません" in ended.stderr
