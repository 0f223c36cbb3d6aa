"""Questions to begin with, made from the documents themselves: their headings and the rows of their tables.

A heading of a Japanese plan or report ends in a noun that tells what stands under it (…の期間, …の体制, …の方針), and
that noun has its own way of being asked for.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice, zip_longest

from ingest.documents import Document, Passage

ASKED_BY_ENDING = (
    (("期間",), "はいつからいつまでですか"),
    (("時期", "日時", "日程", "期限"), "はいつですか"),
    (("場所", "会場"), "はどこですか"),
    (("体制", "状況", "進捗", "経緯", "位置づけ", "動向", "流れ"), "はどうなっていますか"),
    (("目的", "趣旨", "理念", "方針", "指針", "目標", "方向性", "概要", "課題", "背景", "条件"), "は何ですか"),
)
NUMBERING = re.compile(
    r"^[\s◎○●■□◆・#]*(?:[(（]?[0-9０-９]+(?:[.．][0-9０-９]+)*[.．)）]?|第[0-9一二三四五六七八九十]+[章節条])?\s*"
)
REMARK = re.compile(r"[(（][^()（）]*[)）]")
FIGURE = re.compile(r"[0-9０-９]")
# Longer ones do not fit on one or two lines of a phone.
LONGEST = 44


def example_questions(documents: Sequence[tuple[Document, Sequence[Passage]]], limit: int = 4) -> tuple[str, ...]:
    """Return up to `limit` questions, taken in turn from each document; none from documents without passages."""
    each = (_of_document(document, passages) for document, passages in documents)
    in_turn = chain.from_iterable(zip_longest(*each))
    return tuple(islice(dict.fromkeys(one for one in in_turn if one is not None), limit))


def _of_document(document: Document, passages: Sequence[Passage]) -> Iterator[str]:
    """Yield questions about headings and rows alternately."""
    headings = (_about_section(document, passage) for passage in passages if passage.kind != "row")
    rows = (_about_row(passage) for passage in passages if passage.kind == "row")
    both = chain.from_iterable(zip_longest(filter(None, headings), filter(None, rows)))
    return (one for one in both if one is not None and len(one) <= LONGEST)


def _about_section(document: Document, passage: Passage) -> str | None:
    heading = REMARK.sub("", NUMBERING.sub("", passage.section)).strip()
    owner, _, rest = heading.partition("の")
    subject = rest if rest and owner in document.title else heading
    return next(
        (f"{document.title}の{subject}{asked}" for endings, asked in ASKED_BY_ENDING if subject.endswith(endings)),
        None,
    )


def _about_row(passage: Passage) -> str | None:
    """Ask for the first figure of a row by the row's and the column's name."""
    if len(passage.cells) < 2:
        return None
    subject = REMARK.sub("", passage.cells[0].value.partition(" ")[0]).strip()
    column = next((cell.column for cell in passage.cells[1:] if FIGURE.search(cell.value) and cell.column), None)
    return f"{subject}の{REMARK.sub('', column)}はどれだけですか" if subject and column else None
