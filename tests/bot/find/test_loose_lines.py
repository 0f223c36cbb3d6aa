"""The loose lines of slides as lists: those that a line counts, those under one mark."""

from bot.find.evidence import Evidence
from bot.find.pieces import pieces
from ingest.documents import Passage

COUNTED = """このプランの取組を推進します。
総合計画
緑のまち ～環境～
学びのまち ～教育～
働くまち ～産業～
これら3分野にて重点的に施策を展開"""
MARKED = "◎ 総合計画(2024年2月策定)\n金沢の将来像の実現に向けた行動計画\n◎ 地域福祉計画\n◎ 行政経営プランと連携"


def lists(text: str) -> list[Evidence]:
    """Return the lists in a passage."""
    passage = Passage("d#1", "d", "text", ("2.3. 取組方針",), text, (1,))
    return [piece for piece in pieces(passage) if piece.kind == "list"]


def test_a_line_that_counts_those_before_it_makes_them_a_list() -> None:
    """これら3分野 are the three lines above it, and not the fourth."""
    (found,) = lists(COUNTED)
    assert found.items == ("緑のまち ～環境～", "学びのまち ～教育～", "働くまち ～産業～")
    assert found.lead == "これら3分野にて重点的に施策を展開"
    assert found.text in found.passage.text


def test_what_only_counts_is_no_sentence() -> None:
    """The list says it."""
    passage = lists(COUNTED)[0].passage
    assert not [piece for piece in pieces(passage) if piece.kind == "sentence" and "これら" in piece.text]


def test_lines_under_one_mark_are_a_list() -> None:
    """The line without a mark explains the one above it and is no member."""
    (found,) = lists(MARKED)
    assert found.items == ("総合計画(2024年2月策定)", "地域福祉計画", "行政経営プランと連携")


def test_two_marked_lines_are_no_list() -> None:
    """As little as two speeches are."""
    assert lists("○貸出の決まり\n○返却の決まり") == []


def test_more_members_than_lines_are_no_list() -> None:
    """これら5分野 counts what is not there."""
    assert lists("取組を推進します。\n緑のまち\nこれら5分野で推進") == []
