"""What is told of a row: the notes that are about it, no dash for a value, the year of what the question names."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.answer import Status
from tests.bot.asking import Ask, answered
from tests.bot.town import asking_over


@pytest.fixture(scope="module")
def ask_brigade(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Yield a way to ask over the plan of the fire brigade of an invented city."""
    with asking_over(Path(__file__).parent / "brigade", tmp_path_factory.mktemp("brigade"), date(2026, 11, 20)) as ask:
        yield ask


def test_a_note_is_told_of_the_row_that_it_names(ask_brigade: Ask) -> None:
    """Its mark is left away, and the note of the other row."""
    answer = ask_brigade("訓練の参加率は今どのくらいですか")
    answered(answer, "31.2%", "「参加率は、参加者数を")
    assert "標本調査" not in answer.answer


def test_the_year_is_told_in_which_the_named_stands(ask_brigade: Ask) -> None:
    """Another brigade's year is none, and a dash is nothing that happens."""
    answer = ask_brigade("第5分団の消防車の更新は何年度ですか")
    answered(answer, "令和9年度")
    assert "令和7年度" not in answer.answer
    assert "－" not in answer.answer


def test_a_dash_is_no_step_of_a_schedule(ask_brigade: Ask) -> None:
    """A row's steps are what is done in its years."""
    answer = ask_brigade("詰所の改築はいつですか")
    answered(answer, "令和9年度", "令和10年度")
    assert "—" not in answer.answer


def test_a_kind_of_target_need_not_be_written(ask_brigade: Ask) -> None:
    """到達目標 is what the table calls 目標値."""
    answered(ask_brigade("煙感知器の設置率の到達目標を教えてください"), "90%")


def test_a_list_of_terms_tells_how_something_is_counted(ask_brigade: Ask) -> None:
    """Its entry begins with the term."""
    answered(ask_brigade("充足率はどうやって数えていますか"), "条例で定める定員")


def test_that_somebody_was_absent_is_no_reason(ask_brigade: Ask) -> None:
    """The roll says who, and nobody says why."""
    assert ask_brigade("検討会を柴田委員が欠席した理由は何ですか").status is Status.NO_ANSWER
