"""What the rows of a table yield, as an answer."""

from dataclasses import replace

from bot.answers.table import TableAnswerer
from bot.state import Draft, ScoredPassage, Status, TableBlock, TextBlock
from bot.tables import Tables
from tests.bot.answers.reading import CITY, read, table, text, turn_of
from tests.bot.rendered import blocks_of, text_of

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
    assert "のこぎり" in text_of(draft)
    assert "52回" in text_of(draft)
    assert draft.sources[0].passage == LOANS[0]
    assert draft.subject == "5. 貸出の回数"
    assert any(isinstance(block, TableBlock) for block in blocks_of(draft))


def test_a_sum_shows_what_it_is_made_of() -> None:
    """Every row that was added is cited."""
    draft = computed("貸出の実績の合計は?")
    assert draft is not None
    assert "91回" in text_of(draft)
    assert {source.passage.id for source in draft.sources} == {row.id for row in LOANS}


def test_a_sum_of_one_row_is_its_figure() -> None:
    """There is nothing to add to it."""
    draft = computed("かんなの実績の合計は?")
    assert draft is not None
    assert "18回" in text_of(draft)
    assert [source.passage for source in draft.sources] == [LOANS[1]]


def test_what_missed_its_target_is_found() -> None:
    """And what reached it is not named."""
    draft = computed("貸出が目標に届かなかった道具は?")
    assert draft is not None
    assert "かんな" in text_of(draft)
    assert "のこぎり" not in text_of(draft)


def test_what_asks_nothing_of_rows_is_not_computed() -> None:
    """The documents' own words answer it."""
    assert computed("道具館は何時に開きますか", OTHER, *(read(row) for row in LOANS)) is None


def test_without_a_table_nothing_is_computed() -> None:
    """Text alone yields no rows; nor does an empty search."""
    assert computed("貸出の実績が最も多い道具は?", OTHER) is None
    assert TableAnswerer(CITY, Tables(()))(turn_of("貸出の実績が最も多い道具は?", confidence=0.0)) is None


def test_a_figure_of_another_plan_is_told_as_that_ones() -> None:
    """The outer heading that names it stands before the sentence, in the text and in its block."""
    rows = tuple(replace(row, path=("杉森市旧い道具の計画の成果", *row.path)) for row in LOANS)
    draft = TableAnswerer(CITY, Tables(rows))(turn_of("かんなの実績は何回ですか", read(rows[1])))
    assert draft is not None
    assert text_of(draft).startswith("「杉森市旧い道具の計画の成果」では、かんな")
    assert blocks_of(draft)[0] == TextBlock(text=text_of(draft))
