import pytest

from bot.answering.state.citation_marks import escape_marks, read_marks, remove_marks


def test_marks_are_read_and_removed() -> None:
    assert read_marks("よいですか[1][2]？") == (1, 2)
    assert remove_marks("定員は20人です[1]。") == "定員は20人です。"


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
