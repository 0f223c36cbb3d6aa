"""Rows of a table that a question chooses by what their cells say; sums over the years that it names."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.bot.asking import Ask, answered
from tests.bot.town import asking_over


@pytest.fixture(scope="module")
def ask_parks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Yield a way to ask over a guide to the parks of an invented city."""
    with asking_over(Path(__file__).parent / "parks", tmp_path_factory.mktemp("parks"), date(2026, 11, 20)) as ask:
        yield ask


MEMBERS = [
    pytest.param("南町地区にある公園をすべて教えてください", ("かえで", "川べり"), ("すみれ",), id="place"),
    pytest.param("南町以外の公園を全部教えて", ("時計台", "すみれ", "見晴らし"), ("かえで",), id="all-but"),
    pytest.param("緑地課が管理している公園はどれですか", ("かえで", "時計台", "すみれ"), ("川べり",), id="office"),
    pytest.param("犬を連れて入れる公園はどこ?", ("かえで", "すみれ"), ("川べり",), id="allowed"),
    pytest.param("ペットと入れない公園はどこですか", ("川べり", "時計台", "見晴らし"), ("すみれ",), id="denied"),
    pytest.param("駐車場のない公園はどことどこですか", ("時計台", "すみれ"), ("かえで",), id="without"),
    pytest.param("駐車場があってペットも入れる公園は?", ("かえで",), ("川べり", "すみれ"), id="two-conditions"),
    pytest.param("駐車場がある公園は何か所ですか", ("3つ", "見晴らし"), ("すみれ",), id="counted"),
]


@pytest.mark.parametrize(("question", "members", "others"), MEMBERS)
def test_the_rows_that_have_the_value_are_told(
    ask_parks: Ask, question: str, members: tuple[str, ...], others: tuple[str, ...]
) -> None:
    """All of them, and none that has another."""
    answer = ask_parks(question)
    answered(answer, *members)
    assert not [name for name in others if name in answer.answer]


RECKONED = [
    pytest.param("南町の公園の面積を合わせると何平方メートル?", "1,200m2 + 3,400m2 = 4,600m2", id="sum"),
    pytest.param("緑地課が管理する公園のうち面積がいちばん広いのはどれ?", "かえで公園で、1,200m2", id="largest"),
    pytest.param("ブランコは令和7年度と令和8年度の2か年で合計何基ですか", "4基 + 7基 = 11基", id="years"),
    pytest.param("ブランコは令和7年度と令和9年度で合わせて何基ですか", "4基 + 9基 = 13基", id="two-years"),
    pytest.param("公園の照明の水銀灯と蛍光灯は合わせて何本?", "42本 + 18本 = 60本", id="in-a-sentence"),
    pytest.param("ブランコは令和7年度から令和9年度まで合計何基?", "4基 + 7基 + 9基 = 20基", id="span"),
]


@pytest.mark.parametrize(("question", "part"), RECKONED)
def test_figures_are_reckoned_over_the_rows_and_years_that_are_meant(ask_parks: Ask, question: str, part: str) -> None:
    """Not over all of the table."""
    answered(ask_parks(question), part)


def test_one_row_says_yes_or_no(ask_parks: Ask) -> None:
    """The cell of the column that the question names tells it."""
    answered(ask_parks("川べり公園に犬を連れて行ってもいいですか"), "ペットは不可")


def test_a_row_that_is_named_is_not_listed_by_its_place(ask_parks: Ask) -> None:
    """What the row itself has is told, and no other row of its place."""
    answer = ask_parks("南町のかえで公園の面積は?")
    answered(answer, "1,200m2")
    assert "川べり" not in answer.answer
