"""Tests of the highlighted parts of an answer."""

import pytest

from bot.rendering.answer_text import content_of_rendering
from bot.rendering.html.answer_parts import (
    excerpt_lines,
    table_chart,
    table_rows,
    text_lines,
    without_uncertainty_remark,
)
from bot.state import Answer, AnswerContent, Excerpt, ExcerptBlock, TableBlock, TableRows, paragraph, service_message
from tests.bot.draft_rendering import parts_of, with_content
from tests.bot.prepared_answers import EXCERPT, EXCERPT_SHOWN, SEVERAL_SHOWN, TABLE, TABLE_SHOWN, excerpt


def answer(**told: object) -> Answer:
    return with_content(Answer.model_validate({"answer_id": "a", "conversation_id": "c", "status": "answered", **told}))


def rows_of(block: TableBlock) -> TableRows:
    (part,) = content_of_rendering("", (block,)).parts
    assert isinstance(part, TableRows)
    return part


def part_of(block: ExcerptBlock) -> Excerpt:
    (part,) = content_of_rendering("", (block,)).parts
    assert isinstance(part, Excerpt)
    return part


def test_highlight_may_span_parts_of_lines() -> None:
    lines = list(excerpt_lines(part_of(excerpt(best="替えます。\n・岬の通りは"))))
    parts = [[(part.kind, part.value) for part in line] for one in lines for line in one.lines]
    assert parts[:2] == [
        [("text", "街灯は次のように"), ("best", "替えます。")],
        [("best", "岬の通りは"), ("text", "来年度")],
    ]
    assert "".join(value for line in parts for _, value in line) == EXCERPT.replace("\n", "").replace("・", "")


def test_an_excerpt_that_is_all_best_is_not_marked() -> None:
    kinds = {part.kind for one in excerpt_lines(part_of(excerpt(best=EXCERPT))) for line in one.lines for part in line}
    assert kinds == {"text"}


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_text_has_no_lines(text: str) -> None:
    assert list(text_lines(text, "ja", {1})) == []


def test_a_number_without_a_citation_stays_text() -> None:
    (line,) = text_lines("船は3隻です[1][7]。", "ja", {1})
    assert [(part.kind, part.value) for part in line.lines[0]] == [
        ("text", "船は3隻です"),
        ("mark", "1"),
        ("text", "[7]。"),
    ]


@pytest.mark.parametrize(
    "cells", [("120人", "休み"), ("120人", "90隻"), ("120人(冬は80人)", "90人"), ("0人", "0人"), ("120人", "")]
)
def test_column_with_mixed_units_has_no_bars(cells: tuple[str, str]) -> None:
    rows = tuple((f"{n}便", cell) for n, cell in enumerate(cells))
    table = TableBlock(caption="船", columns=("便", "乗客"), rows=rows, cited=(1, 2), chart="bar")
    assert [cell.bar for row in table_rows(rows_of(table)) for cell in row.cells] == [None, None]


def test_bars_are_drawn_only_for_a_table_with_a_chart() -> None:
    cells = [cell for row in table_rows(rows_of(TABLE.model_copy(update={"chart": None}))) for cell in row.cells]
    assert all(cell.bar is None for cell in cells)


def test_the_verdict_of_a_target_is_in_the_cell_of_its_result() -> None:
    rows = (
        ("街灯の更新(累計)", "60本", "45本 ※岬を除く"),
        ("見学者", "900人", "940人"),
        ("朝市", "5回", "集計中"),
        ("夜市", "5回", "70%"),
    )
    table = TableBlock(caption="成果", columns=("指標", "目標値", "実績"), rows=rows, cited=(1,))
    told = [[(cell.verdict, cell.bar) for cell in row.cells][1] for row in table_rows(rows_of(table))]
    assert told == [("missed", (75.0, 100.0)), ("above", (100.0, 95.7)), (None, None), (None, None)]


def test_figures_over_years_are_a_line_chart() -> None:
    down = tuple((f"令和{n}年度", told) for n, told in ((2, "90人"), (3, "95人"), (4, "不明"), (5, "120人")))
    table = TableBlock(caption="乗客", columns=("年度", "乗客数"), rows=down, cited=(1,), unit="人", chart="line")
    chart = table_chart(rows_of(table))
    assert chart is not None
    assert [len(line.points) for line in chart.lines] == [3]
    assert [name.label for name in chart.time_labels] == ["2020年度", "2021年度", "2022年度", "2023年度"]
    along = TableBlock(
        caption="乗客",
        columns=("便", *(row[0] for row in down)),
        rows=(("朝の便", *(row[1] for row in down)),),
        cited=(1,),
        chart="line",
    )
    assert [line.name for line in (table_chart(rows_of(along)) or chart).lines] == ["朝の便"]
    assert table_chart(rows_of(table.model_copy(update={"chart": "bar"}))) is None


def test_rows_without_a_citation_each_have_no_number() -> None:
    assert [row.n for row in table_rows(rows_of(TABLE.model_copy(update={"cited": (1,)})))] == [None, None]


def test_the_remark_before_an_unsure_answer_is_left_out() -> None:
    (part,) = without_uncertainty_remark(answer(**EXCERPT_SHOWN))
    assert isinstance(part, Excerpt)
    for shown in ({**EXCERPT_SHOWN, "status": "answered"}, {**TABLE_SHOWN, "status": "partial"}, SEVERAL_SHOWN):
        whole = answer(**shown)
        assert without_uncertainty_remark(whole) == whole.content.parts


def test_another_remark_before_an_unsure_answer_is_kept() -> None:
    remark = paragraph(service_message("unconfirmed", names="帳面"))
    unsure = answer(**EXCERPT_SHOWN)
    content = AnswerContent((remark, *unsure.content.parts[1:]))
    assert without_uncertainty_remark(unsure.model_copy(update={"content": content}))[0] == remark


def test_an_old_answer_is_one_text() -> None:
    assert without_uncertainty_remark(answer(answer="はい。")) == parts_of("はい。")
