"""What changed from one plan to the next, where no more is asked: what each plan has, side by side."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.compose.corpus import Corpus
from bot.compose.pillars import pillars_of
from bot.compose.sentence import say
from bot.compose.stated import stated
from bot.compose.statement import Statement, assemble
from bot.find.evidence import Evidence
from bot.find.pieces import pieces
from bot.find.sought import Sought
from bot.find.weigh import Weighed
from bot.turn import Draft
from bot.understand.leaning import PAPERS
from ingest.documents import Document

# What municipal plans state under headings of their own, in the order in which it is told.
_STATED = ("期間", "基本理念", "対象")
_PURPOSE = re.compile(r"趣旨|背景|経緯|目的")
# What a plan says of the one before it, where it tells why it was made.
_OF_CHANGE = re.compile(r"継承|引き継|広げ|新たな|見直|」から「")
_MOST_OF_CHANGE = 2
_PAIR = 2


def plans_side_by_side(sought: Sought, _: Sequence[Weighed], corpus: Corpus) -> Draft | None:
    """Set two plans side by side where the question names nothing but them; None where they share no such heading."""
    asked = sought.asked
    named = {t.text for t in sought.terms if t.weight >= 1.0} - PAPERS
    documents = sorted((corpus.by_id(i) for i in sought.scope.compared), key=lambda d: d.published)
    if not asked.compares or named or asked.hints & set(_STATED) or len(documents) != _PAIR:
        return None
    older, newer = documents
    said = [*_reasons(newer, corpus), *(s for heading in _STATED for s in _both(heading, older, newer, corpus))]
    said += _pillars(older, newer, corpus)
    return assemble(said, topic=newer.title) if len(said) > 1 else None


def _both(heading: str, older: Document, newer: Document, corpus: Corpus) -> list[Statement]:
    found = [(d, stated(heading, d, corpus)) for d in (older, newer)]
    said = [_headed(document, piece) for document, piece in found if piece]
    return said if len(said) == _PAIR else []


def _reasons(newer: Document, corpus: Corpus) -> Iterator[Statement]:
    """Yield what the newer plan says of the change, under the heading that tells why it was made."""
    told = (
        piece
        for passage in corpus.passages_of(newer.id)
        if _PURPOSE.search(passage.section)
        for piece in pieces(passage)
        if piece.kind == "sentence" and _OF_CHANGE.search(piece.normal)
    )
    for _, piece in zip(range(_MOST_OF_CHANGE), told, strict=False):
        yield _headed(newer, piece)


def _pillars(older: Document, newer: Document, corpus: Corpus) -> list[Statement]:
    """Return what each of the two stands on, where both list it."""
    found = [(d, pillars_of(d, corpus)) for d in (older, newer)]
    said = [replace(p, text=f"【{d.title}】{p.text}") for d, p in found if p]
    return said if len(said) == _PAIR else []


def _headed(document: Document, piece: Evidence) -> Statement:
    statement = say(piece)
    return replace(statement, text=f"【{document.title}】{statement.text}")
