"""Tests that completed follow-ups are parsed as the intended operation."""

import pytest

from bot.question import table_wordings as wordings
from bot.question.operation import Operator
from bot.question.operation_parser import parse_operation


@pytest.mark.parametrize(
    ("question", "operator"),
    [
        (wordings.ask_cell("6月", "貸出数"), Operator.SELECT),
        (wordings.ask_cell("6月", ""), Operator.SELECT),
        (wordings.ask_ranking("貸出数", "一番多い", "月"), Operator.MOST),
        (wordings.ask_ranking("貸出数", "2番目に少ない", "月"), Operator.LEAST),
        (wordings.ask_aggregate(Operator.SUM, "貸出数"), Operator.SUM),
        (wordings.ask_aggregate(Operator.AVERAGE, "貸出数", "分館"), Operator.AVERAGE),
        (wordings.ask_difference("6月", "4月", "貸出数"), Operator.DIFFERENCE),
        (wordings.ask_difference_of_columns("6月", "", "来館者数"), Operator.DIFFERENCE),
        (wordings.ask_change("本館", ("2023年度", "2025年度"), "回", "増えました"), Operator.DIFFERENCE),
        (wordings.ask_change("本館", ("2023年度", "2025年度"), "回"), Operator.DIFFERENCE),
    ],
)
def test_a_worded_question_is_read_as_its_operation(question: str, operator: Operator) -> None:
    operation = parse_operation(question)
    assert operation is not None
    assert operation.operator is operator


@pytest.mark.parametrize(("superlative", "position"), [("一番多い", 1), ("3番目に多い", 3)])
def test_a_ranking_keeps_the_asked_position(superlative: str, position: int) -> None:
    operation = parse_operation(wordings.ask_ranking("貸出数", superlative, "月"))
    assert operation is not None
    assert operation.position == position
