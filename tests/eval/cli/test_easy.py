"""`python -m eval easy`: readability of answers in easy and standard Japanese."""

import json
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.metrics.reading_ease import hard_words


def test_easy_answers_are_compared_with_standard_ones(
    corpus_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "out"
    assert main(["easy", "--data", str(corpus_data), "--limit", "4", "--json", "--out", str(out)]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["n"] == 4
    assert figures["easy"]["hard_words"] < figures["standard"]["hard_words"]
    rows = [json.loads(line) for line in (out / "rows.jsonl").read_text("utf-8").splitlines()]
    assert all(row["easy"]["hard_words"] == len(row["easy"]["hard"]) for row in rows)


def test_hard_words_contain_kanji_taught_late() -> None:
    assert hard_words("金沢市は、1,200件の申請を審査します[1]。") == (["申請", "審査"], 4)
