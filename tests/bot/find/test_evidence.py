"""Evidence: which pieces of a passage can answer, what introduces them, and what is no evidence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.find.evidence import Evidence, title_of, topic_of
from bot.find.pieces import pieces
from ingest.documents import Cell, Passage, PassageKind


def passage(text: str, *path: str, kind: PassageKind = "text") -> Passage:
    return Passage("d#1", "d", kind, path or ("2.1. 取組",), text, (1,))


def found(text: str, kind: str) -> list[Evidence]:
    return [piece for piece in pieces(passage(text)) if piece.kind == kind]


SENTENCES = [
    ("緑を増やします。公園も広げます。", ["緑を増やします。", "公園も広げます。"]),
    ("緑を増やします。\n公園も広げます。", ["緑を増やします。", "公園も広げます。"]),
    ("段落の終わりに句点がない", ["段落の終わりに句点がない"]),
    ("A。\n\n  \nB。", ["A。", "B。"]),
]


@pytest.mark.parametrize(("text", "sentences"), SENTENCES)
def test_running_text_gives_its_sentences(text: str, sentences: list[str]) -> None:
    """A sentence ends at 。 or at the end of its line; blank lines are none."""
    assert [piece.text for piece in found(text, "sentence")] == sentences


def test_a_sentence_knows_the_one_behind_it() -> None:
    """What follows (ただし …) may belong to the answer."""
    first, second = found("8万円を補助します。ただし、予算の範囲内とします。", "sentence")
    assert first.following == second.text
    assert second.following == ""


GUIDELINES = "次の2つの指針に基づき取り組みます。\n・へらす\n・わける"


def test_a_list_has_its_lead_and_its_members() -> None:
    """The line before the items introduces them."""
    (piece,) = found(GUIDELINES, "list")
    assert piece.lead == "次の2つの指針に基づき取り組みます。"
    assert piece.items == ("へらす", "わける")


def test_each_item_has_the_lead_of_its_list() -> None:
    """An item alone does not say what it is one of."""
    assert [(piece.text, piece.lead) for piece in found(GUIDELINES, "item")] == [
        ("へらす", "次の2つの指針に基づき取り組みます。"),
        ("わける", "次の2つの指針に基づき取り組みます。"),
    ]


def test_a_line_that_only_announces_items_is_no_answer_by_itself() -> None:
    """次の2つ says nothing without what follows: the list says it."""
    assert found(GUIDELINES, "sentence") == []


def test_a_lead_that_says_something_is_also_a_sentence() -> None:
    """A lead that announces nothing stands for itself as well."""
    assert [piece.text for piece in found("市民と進めます。\n・花壇\n・広場", "sentence")] == ["市民と進めます。"]


def test_one_item_is_no_list() -> None:
    """A single item is an item."""
    assert found("取組\n・花壇", "list") == []


def test_two_lists_under_marks_are_two_and_one_whole() -> None:
    """Each list has its own lead, and the section as a whole names both leads."""
    text = "○家庭\n・堆肥化\n・分別\n○事業者\n・量り売り\n・食べきり"
    lists = found(text, "list")
    assert ("○家庭", ("堆肥化", "分別")) in [(piece.lead, piece.items) for piece in lists]
    assert ("○事業者", ("量り売り", "食べきり")) in [(piece.lead, piece.items) for piece in lists]
    assert ("家庭", "事業者") in [piece.items for piece in lists]
    assert ("堆肥化", "分別", "量り売り", "食べきり") in [piece.items for piece in lists]


def test_the_labels_of_a_figure_are_a_list() -> None:
    """Short lines without sentences and items are what a figure names."""
    (piece,) = found("市民\n事業者\n大学", "list")
    assert piece.items == ("市民", "事業者", "大学")


@pytest.mark.parametrize("text", ["市民\n事業者", "市民と進めます。\n事業者\n大学", "市民\n事業者が学びます\n大学"])
def test_lines_among_sentences_are_no_labels(text: str) -> None:
    """Two lines, or lines with a sentence among them, are no figure."""
    assert found(text, "list") == []


@pytest.mark.parametrize("note", ["(出典: 環境プラン 1.2)", "出典: 市民アンケート", "(出典 : 総務省)"])
def test_a_source_note_is_no_evidence(note: str) -> None:
    """Where a text comes from is not what it says."""
    texts = [piece.text for piece in pieces(passage(f"緑を増やします。\n{note}"))]
    assert texts == ["緑を増やします。"]


def test_a_row_is_one_piece() -> None:
    """The figures of a row are not torn from their columns."""
    row = Passage(
        "d#1", "d", "row", ("指標",), "指標: 植樹\n目標値: 5,000本", (1,),
        cells=(Cell("指標", "植樹"), Cell("目標値", "5,000本")),
    )  # fmt: skip
    assert [(piece.kind, piece.text) for piece in pieces(row)] == [("row", row.text)]


def test_an_empty_passage_has_no_pieces() -> None:
    """Nothing comes of nothing."""
    assert list(pieces(passage(""))) == []


def test_what_a_list_says_itself_is_its_lead() -> None:
    """The members are in it, but it is about what introduces it."""
    (piece,) = found(GUIDELINES, "list")
    assert "指針" in piece.own
    assert "減らす" not in piece.own


def test_the_headings_introduce_a_piece() -> None:
    """The two innermost headings are near, the outer ones far."""
    (piece,) = pieces(passage("緑を増やします。", "星見市環境プラン", "3.1. 公園", "【分野2】 花壇"))
    assert {"公園", "花壇"} <= piece.near
    assert "環境" in piece.far
    assert "環境" not in piece.near


@pytest.mark.parametrize(
    ("section", "title"),
    [
        ("1.3. プランの期間", "プランの期間"),
        ("第2章 取組", "取組"),
        ("(1) 環境会議", "環境会議"),
        ("○家庭", "家庭"),
        ("プランの期間", "プランの期間"),
        ("", ""),
    ],
)
def test_a_heading_is_called_without_its_number(section: str, title: str) -> None:
    """Numbers and marks order headings, they do not name them."""
    assert title_of(section) == title


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("みどり推進本部は、副市長を本部長とします。", "みどり推進本部"),
        ("移動図書車は小学校15校を回ります。", "移動図書車"),
        ("緑を増やします。", "取組"),
    ],
)
def test_what_a_piece_is_about(text: str, topic: str) -> None:
    """What stands before は, or else the heading."""
    assert topic_of(found(text, "sentence")[0]) == topic


LINES = st.lists(
    st.text(alphabet="あ緑プ1。、・○「」() ", min_size=1, max_size=12).filter(lambda s: s.strip("・ ")), max_size=8
)


@given(LINES)
def test_every_piece_stands_in_its_passage_letter_for_letter(lines: list[str]) -> None:
    """Whatever the text, a piece can be quoted, and so can each member of a list."""
    text = "\n".join(lines)
    for piece in pieces(passage(text)):
        assert piece.text in text
        assert piece.text.strip()
        assert all(item in piece.text for item in piece.items)


@given(LINES)
def test_no_line_is_lost(lines: list[str]) -> None:
    """Each line is in some piece, or leads one."""
    said = "".join(piece.lead + piece.text for piece in pieces(passage("\n".join(lines))))
    for line in lines:
        assert all(character in said for character in line.replace(" ", "").lstrip("・"))


def test_labels_are_one_list_across_a_note_of_source() -> None:
    """The note between them is no member, and the list still stands in the passage as it is quoted."""
    text = "市民\n事業者\n(出典: 市)\n大学"
    (whole,) = found(text, "list")
    assert whole.items == ("市民", "事業者", "大学")
    assert whole.text in text


def test_a_note_of_source_in_full_width_is_no_evidence() -> None:
    """（出典：…） says where a text is from."""
    assert [piece.text for piece in pieces(passage("緑を増やします。\n（出典：環境プラン 1.2）"))] == [
        "緑を増やします。"
    ]
