"""Questions to begin with, made from the documents themselves: their headings and the rows of their tables.

A heading of a Japanese plan or report ends in a noun that tells what stands under it (…の期間, …の体制, …の方針), and
that noun has its own way of being asked for.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest

from ingest.documents import Cell, Document, Passage

# What is most plainly answered comes first.
ASKED_BY_ENDING = (
    (("期間",), "はいつからいつまでですか"),
    (("時期", "日時", "日程", "期限"), "はいつですか"),
    (("場所", "会場"), "はどこですか"),
    (("目的", "趣旨", "理念", "方針", "指針", "目標", "方向性", "概要", "課題", "背景", "条件"), "は何ですか"),
    (("体制", "状況", "進捗", "経緯", "位置づけ", "動向", "流れ"), "はどうなっていますか"),
)
NUMBERING = re.compile(
    r"^[\s◎○●■□◆・]*(?:[(（]?[0-9０-９]+(?:[.．][0-9０-９]+)*[.．)）]?|第[0-9一二三四五六七八九十]+[章節条])?\s*"
)
REMARK = re.compile(r"[(（][^()（）]*[)）]")
FIGURE = re.compile(r"\s*約?[0-9０-９]")
# A longer first part of 「…の…」 is a name (金沢市デジタル戦略の進捗), a shorter one a common noun (策定の趣旨).
LONGEST_COMMON_NOUN = 4
# Longer ones do not fit on one or two lines of a phone.
LONGEST = 44


def example_questions(documents: Iterable[tuple[Document, Sequence[Passage]]], limit: int = 4) -> tuple[str, ...]:
    """Return up to `limit` questions, taken in turn from each document; none where there are no passages."""
    in_turn = _alternately(*(_of_document(document, passages) for document, passages in documents))
    return tuple(islice(dict.fromkeys(in_turn), limit))


def _of_document(document: Document, passages: Sequence[Passage]) -> Iterator[str]:
    """Yield questions about headings and about rows of tables, alternately."""
    sections = dict.fromkeys(passage.section for passage in passages if passage.kind != "row")
    about_sections = (_about_section(document, section, *asked) for asked in ASKED_BY_ENDING for section in sections)
    about_rows = (_about_row(passage.cells) for passage in passages if passage.kind == "row")
    both = _alternately(filter(None, about_sections), filter(None, about_rows))
    return (question for question in both if len(question) <= LONGEST)


def _about_section(document: Document, section: str, endings: tuple[str, ...], asked: str) -> str | None:
    heading = REMARK.sub("", NUMBERING.sub("", section)).strip()
    if not heading.endswith(endings):
        return None
    owner, _, rest = heading.rpartition("の")
    if len(owner) > LONGEST_COMMON_NOUN:
        return f"{heading}{asked}"
    name = document.aliases[0] if document.aliases else document.title
    return f"{name}の{rest if owner in name else heading}{asked}"


def _about_row(cells: Sequence[Cell]) -> str | None:
    """Ask for the first figure of a row by the row's and the column's name."""
    name, *values = cells or (Cell("", ""),)
    subject = REMARK.sub("", name.value).strip()
    column = next((cell.column for cell in values if FIGURE.match(cell.value)), "")
    return f"{subject}の{REMARK.sub('', column)}はどれだけですか" if subject and column else None


def _alternately(*questions: Iterable[str]) -> Iterator[str]:
    return filter(None, chain.from_iterable(zip_longest(*questions)))
