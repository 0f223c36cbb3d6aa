"""Fees by stretches and places in a count: which row a figure lies in, which column an ordinal means."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.bot.asking import Ask, answered
from tests.bot.town import asking_over


@pytest.fixture(scope="module")
def ask_fees(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Yield a way to ask over an invented town's guide to its fees."""
    with asking_over(Path(__file__).parent / "fees", tmp_path_factory.mktemp("fees"), date(2026, 11, 20)) as ask:
        yield ask


CHOSEN = [
    pytest.param("市内に5年住んでいます。3人目の誕生祝い品はいくらですか", "90,000円", "40,000円", id="open-ordinal"),
    pytest.param("誕生祝い品 2人目 1年居住 いくら", "20,000円", "60,000円", id="loose-words"),
    pytest.param("誕生祝い品は第2子で、居住が3年未満だといくら?", "20,000円", "40,000円", id="ordinal-itself"),
    pytest.param("週30時間の就労だと学習室は何時から何時までですか", "17時~21時", "9時", id="hours-of-the-case"),
]


@pytest.mark.parametrize(("question", "part", "other"), CHOSEN)
def test_the_cell_that_a_case_lies_in(ask_fees: Ask, question: str, part: str, other: str) -> None:
    """The row whose stretch holds the figure, and the column that takes in the place, tell the fee."""
    answer = ask_fees(question)
    answered(answer, part)
    assert other not in answer.answer


TIMES = [
    pytest.param("会議室を土曜日に3時間借りるといくら?", "650円 + 650円 + 650円 = 1,950円", id="of-its-day"),
    pytest.param("会議室を平日に2時間借りるといくら?", "400円 + 400円 = 800円", id="of-a-workday"),
    pytest.param("展示パネルを5枚借りるといくらですか", "= 600円", id="of-its-thing"),
]


@pytest.mark.parametrize(("question", "part"), TIMES)
def test_so_many_cost_so_many_times_the_price_for_one(ask_fees: Ask, question: str, part: str) -> None:
    """The price is the one of the day or the thing that the question names, and the sum is shown."""
    answered(ask_fees(question), part)


@pytest.mark.parametrize(
    "question",
    [
        "会議室を3時間借りると何円ですか",
        "駐車場を3時間使うといくらですか",
        "会議室のプロジェクターを3時間使うといくら?",
    ],
)
def test_no_price_is_chosen_that_the_question_does_not_name(ask_fees: Ask, question: str) -> None:
    """Which day it is it does not say; what is free has no price for one."""
    assert "=" not in ask_fees(question).answer.replace("＝", "")
