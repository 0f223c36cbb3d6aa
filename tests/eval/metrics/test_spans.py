"""Metrics of short answers, against values computed by hand."""

import pytest

from eval.metrics.ranking import character_f1, contained, exact_match


@pytest.mark.parametrize(
    ("answer", "true", "value"),
    [
        ("1992年", ("1991年", "1992年"), 1),
        ("１９９２ 年", ("1992年",), 1),
        ("1992年6月", ("1992年",), 0),
        ("", ("1992年",), 0),
        ("1992年", (), 0),
    ],
)
def test_an_exact_match_equals_a_true_answer(answer: str, true: tuple[str, ...], value: float) -> None:
    assert exact_match(answer, true) == value


@pytest.mark.parametrize(
    ("answer", "true", "value"),
    [
        ("日本共産党", ("日本共産党",), 1),
        ("共産党", ("日本共産党",), 2 * 3 / 8),
        ("共産党", ("社会党", "日本共産党"), 2 * 3 / 8),
        ("ああ", ("あ",), 2 / 3),
        ("ＡＢ ", ("ab",), 0),
        ("港", ("山",), 0),
        ("", ("山",), 0),
        ("山", (), 0),
    ],
)
def test_character_f1_uses_the_most_similar_true_answer(answer: str, true: tuple[str, ...], value: float) -> None:
    assert character_f1(answer, true) == pytest.approx(value)


@pytest.mark.parametrize(
    ("answer", "true", "value"),
    [
        ("渡し船は 1923 年に始まった。", ("１９２３年",), 1),
        ("渡し船は1923年に始まった。", ("1924年", "渡し船"), 1),
        ("渡し船は1923年に始まった。", ("1924年",), 0),
        ("渡し船", ("",), 0),
        ("", ("渡し船",), 0),
        ("渡" * 120, ("渡",), 1),
        ("渡" * 121, ("渡",), 0),
    ],
)
def test_a_short_answer_contains_a_true_one(answer: str, true: tuple[str, ...], value: float) -> None:
    assert contained(answer, true) == value
