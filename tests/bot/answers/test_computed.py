"""What the rows of a table yield, as an answer."""

from dataclasses import replace

import pytest

from bot.answers.table import TableAnswerer
from bot.state import Draft, ScoredPassage, Status, TableBlock, TextBlock
from bot.tables import Tables
from tests.bot.answers.reading import CITY, read, table, text, turn_of

LOANS = table(
    "wood-2", "5. 貸出の回数", ("道具", "目標値", "実績"),
    ("のこぎり", "40回", "52回"), ("かんな", "30回", "18回"), ("のみ", "20回", "21回"),
)  # fmt: skip
OTHER = read(text("wood-2#1", "道具館は午前9時に開きます。"), 0.95)


def computed(question: str, *passages: ScoredPassage) -> Draft | None:
    return TableAnswerer(CITY, Tables(LOANS))(turn_of(question, *(passages or [read(row) for row in LOANS])))


def test_the_greatest_is_told_with_its_row() -> None:
    """The figure as the table writes it, and a citation of that row."""
    draft = computed("貸出の実績が最も多い道具は?")
    assert draft is not None
    assert draft.status is Status.ANSWERED
    assert "のこぎり" in draft.text
    assert "52回" in draft.text
    assert draft.sources[0].passage == LOANS[0]
    assert draft.subject == "5. 貸出の回数"
    assert any(isinstance(block, TableBlock) for block in draft.blocks)


def test_a_sum_shows_what_it_is_made_of() -> None:
    """Every row that was added is cited."""
    draft = computed("貸出の実績の合計は?")
    assert draft is not None
    assert "91回" in draft.text
    assert {source.passage.id for source in draft.sources} == {row.id for row in LOANS}


def test_a_sum_of_one_row_is_its_figure() -> None:
    """There is nothing to add to it."""
    draft = computed("かんなの実績の合計は?")
    assert draft is not None
    assert "18回" in draft.text
    assert [source.passage for source in draft.sources] == [LOANS[1]]


def test_what_missed_its_target_is_found() -> None:
    """And what reached it is not named."""
    draft = computed("貸出が目標に届かなかった道具は?")
    assert draft is not None
    assert "かんな" in draft.text
    assert "のこぎり" not in draft.text


def test_what_asks_nothing_of_rows_is_not_computed() -> None:
    """The documents' own words answer it."""
    assert computed("道具館は何時に開きますか", OTHER, *(read(row) for row in LOANS)) is None


def test_without_a_table_nothing_is_computed() -> None:
    """Text alone yields no rows; nor does an empty search."""
    assert computed("貸出の実績が最も多い道具は?", OTHER) is None
    assert TableAnswerer(CITY, Tables(()))(turn_of("貸出の実績が最も多い道具は?", confidence=0.0)) is None


def test_a_cell_of_a_row_that_the_reader_does_not_find_is_not_told() -> None:
    """Where the reader finds another row likelier than the one whose label the question names, that one is shown."""
    likeliest, named = read(LOANS[0], 0.9), read(LOANS[1], 0.5)
    assert computed("かんなの実績は何回ですか", likeliest, named) is None
    draft = computed("かんなの実績は何回ですか", read(LOANS[1], 0.9), read(LOANS[0], 0.5))
    assert draft is not None
    assert "18回" in draft.text


@pytest.mark.parametrize("question", ["かんなの貸出は目標まであと何回ですか", "かんなはあと何回で目標に届きますか"])
def test_how_far_a_row_is_from_its_target_only_that_row_tells(question: str) -> None:
    """The difference is told of the row that the reader finds likeliest, and of no other that the question names."""
    draft = computed(question, read(LOANS[1], 0.9), read(LOANS[0], 0.5))
    assert draft is not None
    assert "12回" in draft.text
    assert computed(question, read(LOANS[0], 0.9), read(LOANS[1], 0.5)) is None


def test_a_row_of_an_older_plan_is_left_where_the_one_in_force_speaks_to_it() -> None:
    """Then that one's words are shown before it."""
    older = table("wood-1", "5. 貸出の回数", ("道具", "目標値"), ("のこぎり", "40回"), ("かんな", "30回"))
    answer, question = TableAnswerer(CITY, Tables(older)), "のこぎりの貸出の目標は何回ですか"
    newer = text("wood-2#1", "のこぎりの貸出の回数は、目標を60回とします。", "4. 目標")
    assert answer(turn_of(question, *map(read, older))) is not None
    assert answer(turn_of(question, *map(read, older), read(newer, 0.5, "目標"))) is None


def test_a_figure_of_another_plan_is_told_as_that_ones() -> None:
    """The outer heading that names it stands before the sentence, in the text and in its block."""
    rows = tuple(replace(row, path=("杉森市旧い道具の計画の成果", *row.path)) for row in LOANS)
    draft = TableAnswerer(CITY, Tables(rows))(turn_of("かんなの実績は何回ですか", read(rows[1])))
    assert draft is not None
    assert draft.text.startswith("「杉森市旧い道具の計画の成果」では、かんな")
    assert draft.blocks[0] == TextBlock(text=draft.text)
