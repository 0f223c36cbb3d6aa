"""What a word means, where no document tells it."""

import pytest

from bot.answer import Status
from bot.find.gloss import word_asked
from tests.bot.asking import Ask

pytest_plugins = ["tests.bot.city"]

WORDS = [
    ("生物多様性とは", "生物多様性"),
    ("生物多様性って何?", "生物多様性"),
    ("生物多様性って何年からですか", ""),
    ("生物多様性の意味を教えて", "生物多様性"),
    ("生物多様性のためにすることは何ですか", ""),
    ("北の森と南の森とは何が違いますか", ""),
]


@pytest.mark.parametrize(("question", "word"), WORDS)
def test_the_word_whose_meaning_is_asked_for(question: str, word: str) -> None:
    """とは, って何 and の意味 ask for it; 何年 and a comparison do not."""
    assert word_asked(question) == word


def test_a_word_that_no_document_explains_is_said_to_be_so(ask: Ask) -> None:
    """What the documents say of it follows, and the answer is a part of what was asked."""
    answer = ask("小水力発電って何?")
    assert answer.status is Status.PARTIAL
    assert answer.answer.startswith("「小水力発電」の意味は、登録されている文書には書かれていません。")
    assert "小水力発電" in answer.citations[0].quote


def test_a_word_that_is_explained_is_answered(ask: Ask) -> None:
    """A definition is no part of an answer but the whole."""
    answer = ask("カーボンニュートラルって何?")
    assert answer.status is Status.ANSWERED
    assert "書かれていません" not in answer.answer
