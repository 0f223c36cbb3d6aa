"""An entry of a FAQ: its heading is the question, and what stands under it the answer."""

import re
from collections.abc import Sequence

from bot.compose.corpus import Corpus
from bot.compose.statement import MARK, Statement, assemble, closed
from bot.find.evidence import Evidence, asks, title_of
from bot.find.pieces import pieces
from bot.find.sought import Sought
from bot.find.weigh import Weighed
from bot.turn import Draft, Source

_MARKS = re.compile(r"^[○◎●■□◆◇▼▶・]\s*")
# Characters of an entry's opening that are said; what the question's words stand in is said too.
_LONGEST = 160


def entry(_: Sought, fitting: Sequence[Weighed], __: Corpus) -> Draft | None:
    """Say how the entry begins, and its sentence that the question is about where that stands farther down."""
    best = fitting[0].evidence
    heading = title_of(best.passage.section)
    if best.kind == "row" or not asks(heading):
        return None
    said = [e for e in pieces(best.passage) if e.kind in {"sentence", "item"} and any(c.isalnum() for c in e.text)]
    opening = _opening(said)
    rest = [best] if best.kind in {"sentence", "item"} and best.text not in {e.text for e in opening} else []
    return assemble([_say(opening), *(_say([e]) for e in rest)], topic=heading) if opening else None


def _opening(said: Sequence[Evidence]) -> list[Evidence]:
    length, opening = 0, list[Evidence]()
    for evidence in said:
        length += len(evidence.text)
        if opening and length > _LONGEST:
            break
        opening.append(evidence)
    return opening


def _say(said: Sequence[Evidence]) -> Statement:
    """Return sentences that follow each other as one statement; its quote is the stretch that they stand in."""
    passage = said[0].passage
    start = end = passage.text.index(said[0].text)
    for evidence in said:
        end = passage.text.index(evidence.text, end) + len(evidence.text)
    sentences = [closed(_MARKS.sub("", evidence.text).replace("\n", " ")) for evidence in said]
    text = "".join(f"{sentence[:-1]}{MARK}。" for sentence in sentences[:-1]) + sentences[-1]
    return Statement(text, (Source(passage, passage.text[start:end]),))
