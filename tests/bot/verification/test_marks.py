"""Tests of the notations of citation marks."""

import pytest

from bot.verification.statements import split_statements


@pytest.mark.parametrize(
    "mark",
    [
        "[1][2]",
        "[1, 2]",
        "[1、2]",
        "【1】【2】",
        "［１］［２］",
        "(資料1)(資料2)",
        "（資料1、2）",
        "[資料1][資料2]",
        "¹²",
    ],
)
def test_every_way_to_write_two_marks_is_read(mark: str) -> None:
    (said,) = split_statements(f"定員は20人です{mark}。")
    assert said.text == "定員は20人です。"
    assert said.cited == (1, 2)


def test_a_closing_line_of_marks_is_for_all() -> None:
    said = split_statements("定員は20人です。\n費用は無料です。\n\n参考資料: [1][2]")
    assert [(one.text, one.cited) for one in said] == [("定員は20人です。", (1, 2)), ("費用は無料です。", (1, 2))]


def test_a_table_is_read_row_by_row() -> None:
    said = split_statements("次のとおりです。\n\n| 教室 | 定員 |\n|---|---|\n| 川 | 20人[1] |\n| 星 | 15人[2] |")
    assert [(one.text, one.cited) for one in said[1:]] == [("教室:川、定員:20人", (1,)), ("教室:星、定員:15人", (2,))]
