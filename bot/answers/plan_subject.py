"""Finds what two plans say on one subject."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.answers.overview import QuotingWriter
from bot.languages import nest_quotes
from bot.state import Paragraph, Part, message, paragraph
from ingest.documents import Document, Passage
from ingest.japanese import nfkc
from ingest.japanese.markers import ITEM_MARK, strip_heading_number
from ingest.japanese.sentences import split_document_sentences

# A word in the heading counts less than one in the sentence, and most where the sentence begins with it.
_IN_HEADING, _AT_BEGINNING, _SAME_HEADING, _LEAST = 0.7, 0.5, 0.5, 0.65


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, item or row of a passage."""

    text: str
    heading: str
    passage_id: str


class PlanSubject:
    """Quotes what a plan and the one before say on the words of a subject."""

    def __init__(self, find_passages: Callable[[str], Sequence[Passage]], words: Sequence[str]) -> None:
        self._find_passages = find_passages
        self._words = [nfkc(word) for word in words]

    def __call__(self, previous: Document, document: Document, writer: QuotingWriter) -> list[Part]:
        """Return what holds now and what held before; none where neither plan is about the subject."""
        new, old = self._candidates(document), self._candidates(previous)
        if not new:
            return []
        pairs = [
            (score + other + _SAME_HEADING * (one.heading == earlier.heading), one, earlier)
            for score, one in new
            for other, earlier in old
        ]
        if not pairs:
            best = max(new, key=lambda pair: pair[0])[1]
            return [
                paragraph(message("plan_now", heading=nest_quotes(best.heading))),
                Paragraph((writer.cite(best.passage_id, best.text),)),
            ]
        _, now, before = max(pairs, key=lambda pair: pair[0])
        return [
            paragraph(message("plan_now", heading=nest_quotes(now.heading))),
            Paragraph((writer.cite(now.passage_id, now.text),)),
            paragraph(message("plan_before", heading=nest_quotes(before.heading))),
            Paragraph((writer.cite(before.passage_id, before.text),)),
        ]

    def _candidates(self, document: Document) -> list[tuple[float, _Unit]]:
        """Return the units that have enough of the words, with their scores."""
        scored = [(self._score(unit), unit) for unit in _units(self._find_passages(document.id))]
        return [(score + self._begins(unit), unit) for score, unit in scored if score >= _LEAST]

    def _begins(self, unit: _Unit) -> float:
        return _AT_BEGINNING * any(map(nfkc(unit.text).startswith, self._words))

    def _score(self, unit: _Unit) -> float:
        text = nfkc(unit.text)
        found = sum(1.0 if word in text else _IN_HEADING * (word in unit.heading) for word in self._words)
        return found / len(self._words)


def _units(passages: Sequence[Passage]) -> Iterator[_Unit]:
    for passage in passages:
        heading = nfkc(strip_heading_number(passage.section)) if passage.path[1:] or passage.path else ""
        if passage.kind == "row":
            yield _Unit(passage.text, heading, passage.id)
            continue
        for line in passage.text.splitlines():
            mark = ITEM_MARK.match(line)
            text = line[mark.end() :] if mark else line
            for sentence in split_document_sentences(text):
                if sentence.strip():
                    yield _Unit(sentence.strip(), heading, passage.id)
