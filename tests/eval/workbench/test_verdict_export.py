"""Verdicts as files."""

import csv
import json
from datetime import UTC, datetime
from io import StringIO

import pytest

from eval.scoring.judgements import CaseKey, Marks, PreferenceVerdict, RunPair, ScoreVerdict
from eval.workbench.verdict_export import as_csv, as_jsonl, preferences_table, scores_table

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
KEY = CaseKey("own", "target")


def scored(comment: str, number: int = 1) -> ScoreVerdict:
    return ScoreVerdict(number, "run", KEY, "answer", "安奈", Marks(5, 4, 3, comment), NOW)


def test_a_spreadsheet_reads_japanese_and_line_breaks() -> None:
    text = as_csv(scores_table([scored("良い\n「でも」,長い")]), ["scorer", "correctness", "comment"])
    assert text.startswith("\ufeffscorer,")
    _, row = csv.reader(StringIO(text.removeprefix("\ufeff")))
    assert row == ["安奈", "5", "良い\n「でも」,長い"]


@pytest.mark.parametrize("comment", ["=1+1", "+81", "-5", "@SUM(A1)", "\t=1", "＝1", " =1"])
def test_a_comment_never_becomes_a_formula(comment: str) -> None:
    table = scores_table([scored(comment)])
    assert list(csv.reader(StringIO(as_csv(table, ["comment"]))))[1] == [f"'{comment}"]
    assert json.loads(as_jsonl(table))["comment"] == comment


def test_every_verdict_is_exported_and_says_whether_it_counts() -> None:
    rows = [json.loads(line) for line in as_jsonl(scores_table([scored("前"), scored("後", 2)])).splitlines()]
    assert [(row["comment"], row["counts"]) for row in rows] == [("前", False), ("後", True)]


def test_a_choice_is_exported_with_the_displayed_order() -> None:
    one = PreferenceVerdict(1, RunPair.of("x", "y"), KEY, "安奈", "y", "a", "", NOW)
    (row,) = preferences_table([one])
    assert row["shown_as_a"] == "y"
    assert row["choice"] == "a"
    assert row["better"] == "y"
