"""Questions to begin with, made from headings and tables."""

import pytest

from bot.ui.citizen.examples import example_questions
from ingest.documents import Cell, Document, Passage

PLAN = Document("plan", "みどりの基本計画", "plan.md", aliases=("みどり計画",))


def section(heading: str) -> Passage:
    return Passage("p", "plan", "text", (heading,), "", (1,))


def row(*cells: tuple[str, str]) -> Passage:
    return Passage("r", "plan", "row", (), "", (1,), cells=tuple(Cell(*cell) for cell in cells))


@pytest.mark.parametrize(
    ("heading", "question"),
    [
        ("1.3. 計画の期間", "みどり計画はいつからいつまでですか"),
        ("第2章 基本理念(再掲)", "みどり計画の基本理念は何ですか"),
        ("(1) 策定の趣旨", "みどり計画の策定の趣旨は何ですか"),
        ("◎ 推進体制", "みどり計画の推進体制はどうなっていますか"),
        ("説明会の日程", "みどり計画の説明会の日程はいつですか"),
        ("市街地緑化事業の進捗", "市街地緑化事業の進捗はどうなっていますか"),
    ],
)
def test_a_heading_is_asked_for_by_its_last_noun(heading: str, question: str) -> None:
    """Numbers and remarks fall away; what names itself is not given the document's name as well."""
    assert example_questions([(PLAN, [section(heading)])]) == (question,)


def test_a_row_is_asked_for_its_first_figure() -> None:
    """The question names row and column; text that merely holds a digit is no figure."""
    cells = (("指標", "公園の数(累計)"), ("条件", "面積1ha以上"), ("目標値", "30か所"), ("実績", "28か所"))
    assert example_questions([(PLAN, [row(*cells)])]) == ("公園の数の目標はどれくらいですか",)


def test_what_touches_peoples_lives_comes_first() -> None:
    """Of the rows of a table the bus is asked for before the sheets of paper in the office."""
    rows = [row(("指標", name), ("目標値", "30%")) for name in ("庁内会議の回数", "路線バスの利用者数")]
    asked = ("路線バスの利用者数の目標はどれくらいですか", "庁内会議の回数の目標はどれくらいですか")
    assert example_questions([(PLAN, rows)]) == asked


def test_documents_take_turns() -> None:
    """Each document is asked before one is asked again, and no more than asked for."""
    other = Document("other", "交通計画", "other.md")
    passages = [section("目的"), section("体制"), section("期間")]
    questions = example_questions([(PLAN, passages), (other, passages)], limit=3)
    assert questions == (
        "みどり計画はいつからいつまでですか",
        "交通計画はいつからいつまでですか",
        "みどり計画の目的は何ですか",
    )


@pytest.mark.parametrize(
    "passages", [[], [section("")], [section("あいさつ")], [section("目的と期間")], [row()], [row(("指標", "公園"))]]
)
def test_nothing_is_asked_where_nothing_is_promised(passages: list[Passage]) -> None:
    """Without a telling heading or a figure there is no example."""
    assert example_questions([(PLAN, passages)]) == ()
