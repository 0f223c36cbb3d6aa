"""Whose words an answer gives: replaced plans are called so, and whether a plan still holds can be asked."""

from datetime import date

import pytest

from bot.answer import Status
from tests.bot.asking import Ask, answered

pytest_plugins = ["tests.bot.city"]


def test_what_only_a_replaced_plan_says_is_told_as_such(ask: Ask) -> None:
    """Named as the earlier plan in the answer itself, and told in the notice what took its place."""
    answer = ask("前の環境プランの基本理念は?")
    answered(answer, "以前の計画「星見市環境プラン」では", "ごみのない住みよいまち")
    assert any("星見市環境プラン2.0" in notice for notice in answer.notices)


def test_a_plan_is_no_earlier_one_while_it_is_in_force(ask: Ask) -> None:
    """On a day of its own period the old plan speaks without more ado."""
    answer = ask("環境プランの基本理念は?", as_of=date(2023, 6, 1))
    answered(answer, "ごみのない住みよいまち")
    assert "以前の" not in answer.answer


IN_FORCE = [
    ("星見市環境プランは今も有効ですか?", ("いいえ、", "令和6年度（2024年度）まで", "星見市環境プラン2.0")),
    ("プラン2.0はまだ有効ですか?", ("はい、", "令和10年度（2028年度）まで")),
    ("プラン2.0はもう終わったのですか?", ("いいえ、", "令和10年度（2028年度）まで")),
]


@pytest.mark.parametrize(("question", "parts"), IN_FORCE)
def test_whether_a_plan_still_holds(ask: Ask, question: str, parts: tuple[str, ...]) -> None:
    """Yes or no first, until when it holds, and what took its place."""
    answer = ask(question)
    answered(answer, *parts)
    assert answer.answer.startswith(parts[0])


def test_there_is_no_next_plan_before_it_is_published(ask: Ask) -> None:
    """The plan in force is not given for the one to come."""
    assert ask("次のプランの期間は?").status is not Status.ANSWERED
    answered(ask("次のプランの期間は?", as_of=date(2029, 3, 1)), "令和11")


def test_the_plan_of_a_year_answers_for_that_year(ask: Ask) -> None:
    """2022年度の基本理念 is that of the plan then in force, 令和9年度の that of the one in force then."""
    answered(ask("2022年度の基本理念は?"), "ごみのない住みよいまち")
    answered(ask("令和9年度の基本理念は?"), "緑と水を未来へつなぐまち")
