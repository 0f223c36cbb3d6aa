"""What changed from one plan to the next, where the question names nothing but the plans."""

import pytest

from tests.bot.asking import Ask, answered

pytest_plugins = ["tests.bot.city"]


@pytest.mark.parametrize("question", ["前の計画と何が変わったのですか", "今のプランは前のプランとどう違う?"])
def test_two_plans_are_told_side_by_side_by_what_both_state(ask: Ask, question: str) -> None:
    """Period and idea of the older and of the newer, each under its title, with the older one named as such."""
    answer = ask(question)
    answered(answer, "【星見市環境プラン】（以前の計画）", "【星見市環境プラン2.0】")
    assert {"ごみのない住みよいまち", "緑と水を未来へつなぐまち"} <= {
        name for name in ("ごみのない住みよいまち", "緑と水を未来へつなぐまち") if name in answer.answer
    }
    assert len({citation.doc_id for citation in answer.citations}) == 2


def test_a_question_that_names_a_thing_is_told_of_that_thing(ask: Ask) -> None:
    """基本理念 of both, and no more."""
    answer = ask("前の計画と今の計画で基本理念はどう違いますか")
    assert "期間" not in answer.answer
