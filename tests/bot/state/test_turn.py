"""Tests of turns, the parts of an answer and its citation marks."""

import pytest

from bot.state.citation_marks import add_marks, escape_marks, read_marks, remove_marks


@pytest.mark.parametrize(
    ("sentence", "numbers", "marked"),
    [
        pytest.param("定員は20人です。", (1,), "定員は20人です[1]。", id="before the full stop"),
        pytest.param("よいですか？", (1, 2), "よいですか[1][2]？", id="before a question mark"),
        pytest.param("定員 20人", (3,), "定員 20人[3]", id="without full stop"),
        pytest.param("定員は20人です。", (), "定員は20人です。", id="no numbers"),
    ],
)
def test_marks_are_added_before_the_end_and_read_again(sentence: str, numbers: tuple[int, ...], marked: str) -> None:
    assert add_marks(sentence, numbers) == marked
    assert read_marks(marked) == numbers
    assert remove_marks(marked) == sentence


@pytest.mark.parametrize(
    ("words", "escaped"),
    [
        pytest.param("表[1]を見る", "表［1］を見る", id="like a mark"),
        pytest.param("令和[1234]年", "令和[1234]年", id="too long for a mark"),
        pytest.param("[注]", "[注]", id="no number"),
    ],
)
def test_words_of_a_document_cite_nothing(words: str, escaped: str) -> None:
    assert escape_marks(words) == escaped
    assert read_marks(escape_marks(words)) == ()
