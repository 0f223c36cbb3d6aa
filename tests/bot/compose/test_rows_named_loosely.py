"""Rows that a question names shortly, by their grade, or two at once; columns that it names by how the plan began."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.answer import Status
from tests.bot.asking import Ask, answered
from tests.bot.town import asking_over


@pytest.fixture(scope="module")
def ask_coast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Yield a way to ask over a report with tables of an invented town by the sea."""
    with asking_over(Path(__file__).parent / "coast", tmp_path_factory.mktemp("coast"), date(2026, 11, 20)) as ask:
        yield ask


ASKED = [
    pytest.param("カラスの被害はいくらですか", ("40万円",), "870万円", id="short-name"),
    pytest.param("カワウとカラスの被害を足すといくら?", ("520万円 + 40万円 = 560万円",), "310万円", id="two-added"),
    pytest.param(
        "ウミネコとカラスではどっちの被害が大きいですか", ("ウミネコで、310万円", "40万円"), "520万円", id="larger"
    ),
    pytest.param("ネコとカラスの被害は合わせていくら?", ("310万円 + 40万円 = 350万円",), "870万円", id="both-short"),
    pytest.param("いちばん悪い評価の指標を全部教えて", ("ホタテ", "灯台"), "朝市", id="worst-over-tables"),
    pytest.param("評価が△の項目はどれですか", ("朝市",), "灯台", id="grade-said"),
    pytest.param("観光の指標でいちばん低い評価はどれですか", ("灯台",), "ホタテ", id="worst-of-one-table"),
    pytest.param(
        "朝市の来場者数を計画を作ったころと令和7年度の実績で比べて", ("14,000人", "15,200人"), "16,000人", id="since"
    ),
    pytest.param("令和9年度、北浜漁港は何隻分足りませんか", ("66隻", "60隻", "= 6隻"), "69隻", id="short-in-two-rows"),
    pytest.param("小型船の係留場所は令和8年度に何隻足りない?", ("64隻 − 60隻 = 4隻",), "10隻", id="named-in-brackets"),
    pytest.param(
        "港町地区の避難所には何人入れないのですか", ("820人 − 690人 = 130人",), "450人", id="short-in-one-row"
    ),
    pytest.param(
        "南浜漁港の係留の枠は令和8年度から令和10年度に何隻増える?", ("15隻 − 10隻 = 5隻",), "13隻", id="supply-of-two"
    ),
    pytest.param("漁港の係留の枠は全部で何隻増えますか", ("85隻 − 70隻 = 15隻",), "", id="total-grows"),
    pytest.param("ノリとホタテの生産量はそれぞれ何トンですか", ("231t", "88t"), "", id="both-of-one-ending"),
]


@pytest.mark.parametrize(("question", "parts", "other"), ASKED)
def test_the_rows_that_are_meant(ask_coast: Ask, question: str, parts: tuple[str, ...], other: str) -> None:
    """They are found by the name's last part, by what joins them, or by their grade, and no other is told."""
    answer = ask_coast(question)
    answered(answer, *parts)
    assert not other or other not in answer.answer


def test_one_of_two_is_not_added_alone(ask_coast: Ask) -> None:
    """Where the table lacks one of the two that are to be added, neither its rows nor its total are the sum."""
    answer = ask_coast("カワウとトビの被害を足すといくらになりますか")
    assert "870万円" not in answer.answer
    assert "+" not in answer.answer


def test_a_shortage_of_something_else_is_not_told(ask_coast: Ask) -> None:
    """What a table does not name it has no balance of."""
    assert "差は" not in ask_coast("港町地区の避難所の毛布は何枚足りませんか").answer


def test_a_grade_is_asked_of_nothing_else(ask_coast: Ask) -> None:
    """The worst grade of something that no table grades is not told by those that are graded."""
    assert ask_coast("図書館でいちばん悪い評価だった項目はどれ?").status is not Status.ANSWERED
