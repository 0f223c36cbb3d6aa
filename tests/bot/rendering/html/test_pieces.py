"""What pages set apart in an answer."""

import pytest

from bot.languages import message_text
from bot.rendering.html.answer_parts import (
    excerpt_lines,
    remove_uncertainty_remark,
    table_lines,
    table_rows,
    text_lines,
)
from bot.state import Answer, TableBlock, TextBlock
from tests.bot.shown import EXCERPT, EXCERPT_SHOWN, SEVERAL_SHOWN, TABLE, TABLE_SHOWN, excerpt


def answer(**told: object) -> Answer:
    return Answer.model_validate({"answer_id": "a", "conversation_id": "c", "status": "answered", **told})


def test_the_best_words_of_an_excerpt_may_begin_and_end_within_lines() -> None:
    """They are told apart in each line that they run over, and nothing of the excerpt is lost."""
    lines = list(excerpt_lines(excerpt(best="替えます。\n・岬の通りは")))
    parts = [[(part.kind, part.value) for part in line] for one in lines for line in one.lines]
    assert parts[:2] == [
        [("text", "街灯は次のように"), ("best", "替えます。")],
        [("best", "岬の通りは"), ("text", "来年度")],
    ]
    assert "".join(value for line in parts for _, value in line) == EXCERPT.replace("\n", "").replace("・", "")


def test_an_excerpt_that_is_all_best_is_not_marked() -> None:
    """There is nothing to tell the words apart from."""
    kinds = {part.kind for one in excerpt_lines(excerpt(best=EXCERPT)) for line in one.lines for part in line}
    assert kinds == {"text"}


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_text_has_no_lines(text: str) -> None:
    """Blank lines are left out."""
    assert list(text_lines(text, {1})) == []


def test_a_number_that_names_no_citation_stays_text() -> None:
    """Only what leads somewhere is a mark."""
    (line,) = text_lines("船は3隻です[1][7]。", {1})
    assert [(part.kind, part.value) for part in line.lines[0]] == [
        ("text", "船は3隻です"),
        ("mark", "1"),
        ("text", "[7]"),
        ("text", "。"),
    ]


@pytest.mark.parametrize(
    "cells", [("120人", "休み"), ("120人", "90隻"), ("120人(冬は80人)", "90人"), ("0人", "0人"), ("120人", "")]
)
def test_a_column_with_anything_but_figures_of_one_unit_has_no_bars(cells: tuple[str, str]) -> None:
    """A bar is drawn where all can be compared, and only there."""
    rows = tuple((f"{n}便", cell) for n, cell in enumerate(cells))
    table = TableBlock(caption="船", columns=("便", "乗客"), rows=rows, cited=(1, 2), chart="bar")
    assert [cell.bar for row in table_rows(table) for cell in row.cells] == [None, None]


def test_bars_are_drawn_only_where_the_table_asks_for_them() -> None:
    """Without a chart the same figures have none."""
    cells = [cell for row in table_rows(TABLE.model_copy(update={"chart": None})) for cell in row.cells]
    assert all(cell.bar is None for cell in cells)


def test_what_came_of_a_target_is_told_in_its_cell() -> None:
    """With a bar of its own scale, whatever the units of the others; without a result nothing is told."""
    rows = (
        ("街灯の更新(累計)", "60本", "45本 ※岬を除く"),
        ("見学者", "900人", "940人"),
        ("朝市", "5回", "集計中"),
        ("夜市", "5回", "70%"),
    )
    table = TableBlock(caption="成果", columns=("指標", "目標値", "実績"), rows=rows, cited=(1,))
    told = [[(cell.verdict, cell.bar) for cell in row.cells][1] for row in table_rows(table)]
    assert told == [("missed", (75.0, 100.0)), ("above", (100.0, 95.7)), (None, None), (None, None)]


def test_figures_over_years_are_a_line_where_the_table_asks_for_one() -> None:
    """Years down the side or along the top; a cell that cannot be read leaves a gap."""
    down = tuple((f"令和{n}年度", told) for n, told in ((2, "90人"), (3, "95人"), (4, "不明"), (5, "120人")))
    table = TableBlock(caption="乗客", columns=("年度", "乗客数"), rows=down, cited=(1,), unit="人", chart="line")
    chart = table_lines(table)
    assert chart is not None
    assert [len(line.points) for line in chart.lines] == [3]
    assert [name.told for name in chart.names] == ["2020年度", "2021年度", "2022年度", "2023年度"]
    along = TableBlock(
        caption="乗客",
        columns=("便", *(row[0] for row in down)),
        rows=(("朝の便", *(row[1] for row in down)),),
        cited=(1,),
        chart="line",
    )
    assert [line.name for line in (table_lines(along) or chart).lines] == ["朝の便"]
    assert table_lines(table.model_copy(update={"chart": "bar"})) is None


def test_rows_without_a_citation_each_have_no_number() -> None:
    """Which row stands where is not guessed."""
    assert [row.n for row in table_rows(TABLE.model_copy(update={"cited": (1,)}))] == [None, None]


def test_the_remark_before_an_unsure_answer_is_cut_from_text_and_blocks() -> None:
    """What is sure begins with its text, and keeps it."""
    text, blocks = remove_uncertainty_remark(answer(**EXCERPT_SHOWN))
    assert text.startswith("「計画2.0」")
    assert [block.type for block in blocks] == ["excerpt"]
    sure = {**EXCERPT_SHOWN, "status": "answered"}
    assert remove_uncertainty_remark(answer(**sure)) == (sure["answer"], sure["blocks"])
    assert remove_uncertainty_remark(answer(**{**TABLE_SHOWN, "status": "partial"}))[0] == TABLE_SHOWN["answer"]
    assert remove_uncertainty_remark(answer(**SEVERAL_SHOWN)) == (SEVERAL_SHOWN["answer"], SEVERAL_SHOWN["blocks"])


def test_what_is_said_besides_before_an_unsure_answer_is_kept() -> None:
    """That no document explains the word, and what it means: the outcome over the answer does not say it."""
    told = message_text("undefined", word="帳面")
    shown = {**EXCERPT_SHOWN, "blocks": ({"type": "text", "text": told}, *EXCERPT_SHOWN["blocks"][1:])}
    assert remove_uncertainty_remark(answer(**shown))[1][0] == TextBlock(text=told)


def test_an_answer_of_old_is_one_text() -> None:
    """It was recorded without blocks."""
    assert [block.type for block in remove_uncertainty_remark(answer(answer="はい。"))[1]] == ["text"]
