"""Tests of answers computed from the rows of a table."""

from dataclasses import replace

from bot.answers.table_answers import TableAnswerer
from bot.state import Draft, ScoredPassage, TextBlock
from bot.tables.lookup import Tables
from tests.bot.answers.reading import CITY, scored_passage, table, text, turn_of
from tests.bot.draft_rendering import blocks_of, text_of

LOANS = table(
    "wood-2", "5. 貸出の回数", ("道具", "目標値", "実績"),
    ("のこぎり", "40回", "52回"), ("かんな", "30回", "18回"), ("のみ", "20回", "21回"),
)  # fmt: skip
OTHER = scored_passage(text("wood-2#1", "道具館は午前9時に開きます。"), 0.95)


def computed(question: str, *passages: ScoredPassage) -> Draft | None:
    return TableAnswerer(CITY, Tables(LOANS))(turn_of(question, *(passages or [scored_passage(row) for row in LOANS])))


def test_no_table_gives_no_computed_answer() -> None:
    assert computed("貸出の実績が最も多い道具は?", OTHER) is None
    assert TableAnswerer(CITY, Tables(()))(turn_of("貸出の実績が最も多い道具は?", confidence=0.0)) is None


def test_figure_of_another_plan_names_that_plan() -> None:
    rows = tuple(replace(row, path=("杉森市旧い道具の計画の成果", *row.path)) for row in LOANS)
    draft = TableAnswerer(CITY, Tables(rows))(turn_of("かんなの実績は何回ですか", scored_passage(rows[1])))
    assert draft is not None
    assert text_of(draft).startswith("「杉森市旧い道具の計画の成果」では、かんな")
    assert blocks_of(draft)[0] == TextBlock(text=text_of(draft))
