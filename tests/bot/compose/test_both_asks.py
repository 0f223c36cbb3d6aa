"""Two questions in one: both are answered, from the section that is about them; what no document tells is said."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.answer import Status
from tests.bot.asking import Ask, answered
from tests.bot.town import asking_over


@pytest.fixture(scope="module")
def ask_parks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Yield a way to ask over a guide to the parks of an invented city."""
    with asking_over(Path(__file__).parent / "parks", tmp_path_factory.mktemp("both"), date(2026, 11, 20)) as ask:
        yield ask


BOTH = [
    pytest.param("花壇は1区画いくらで、申し込みはいつまでですか", ("2,000円", "3月15日"), id="joined"),
    pytest.param("花壇の貸し出しは年額いくら?また、何人から借りられますか", ("2,000円", "5人以上"), id="sentences"),
    pytest.param("花壇の使用料と申込期限を教えてください", ("2,000円", "3月15日"), id="nouns"),
    pytest.param("花壇を借りるのはいくらで、どんな人が借りられるの?", ("2,000円", "市内に住む"), id="whom"),
    pytest.param("面積が一番広い公園はどこで、何平方メートルですか", ("見晴らし公園", "5,600m2"), id="one-answer"),
]


@pytest.mark.parametrize(("question", "parts"), BOTH)
def test_both_are_answered(ask_parks: Ask, question: str, parts: tuple[str, ...]) -> None:
    """The one answer tells both, each with its source."""
    answered(ask_parks(question), *parts)


def test_what_no_document_tells_is_said(ask_parks: Ask) -> None:
    """The one that is found is told, and that the other is not written."""
    answer = ask_parks("花壇は1区画いくらで、広さは何平方メートルですか")
    assert answer.status is Status.PARTIAL
    assert "2,000円" in answer.answer
    assert "「広さは何平方メートルですか」については、登録されている文書には書かれていません" in answer.answer


def test_two_things_that_no_document_tells_are_refused(ask_parks: Ask) -> None:
    """Nothing is told where neither is found."""
    assert ask_parks("市民プールはいくらで、何時から泳げますか").status is not Status.ANSWERED
