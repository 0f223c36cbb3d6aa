"""Answers with the row of a FAQ file whose question is asked, and offers the questions of those that are near."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import chain

from bot.answering.question.query_parser import QueryParser
from bot.answering.staff_answers.equivalence import QuestionSignature, QuestionSignatures
from bot.answering.state import CURATED, Draft, Paragraph, Source, Statement, Status, Turn, paragraph, service_message
from ingest.documents import Passage
from ingest.index.index import Index
from ingest.japanese import nfkc
from ingest.japanese.today import format_japanese_date, to_japan_date
from ingest.japanese.tokenise import words
from ingest.publications import published_on
from ingest.readers.faq_file import OFFICE, TELEPHONE, UPDATED, WORDINGS, is_row

# Below this share of common terms and this probability of an answer, a row is about something else.
_MIN_LIKENESS = 0.5
_MIN_PROBABILITY = 0.01
# The rows with the most common terms, whose wordings are compared; their signatures are kept.
_MAX_COMPARED = 12
_CACHED_SIGNATURES = 4096
# Rows that are offered to choose from.
_MAX_OFFERED = 3


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """What a row answers: `wordings`, the question first; `contact` is the office with its telephone number."""

    doc_id: str
    wordings: tuple[str, ...]
    contact: str
    updated: str


def faq_entries(index: Index) -> Iterator[FaqEntry]:
    """Yield what the rows of an index answer that are not withdrawn."""
    for document in filter(is_row, index.documents):
        row = index.load(document.id)
        cells = {
            name: tuple(cell.text for cell in row.dropped if cell.reason == name)
            for name in (WORDINGS, OFFICE, TELEPHONE, UPDATED)
        }
        contact = " ".join((*cells[OFFICE], *cells[TELEPHONE]))
        yield FaqEntry(document.id, (row.passages[0].section, *cells[WORDINGS]), contact, "".join(cells[UPDATED]))


class FaqAnswerer:
    """Finds staff's answers in one index; safe to share between threads."""

    def __init__(self, index: Index, parser: QueryParser) -> None:
        self._index = index
        self._signatures = QuestionSignatures(parser, index.documents)
        self._written = to_japan_date(index.generation.created)
        self._wordings = [(nfkc(text).strip(), entry) for entry in faq_entries(index) for text in entry.wordings]
        self._questions = {entry.doc_id: entry.wordings[0] for _, entry in self._wordings}
        # Opening an index reads only the terms of a wording; its signature takes a millisecond.
        self._terms = [frozenset(words(text)) for text, _ in self._wordings]
        self._with_term: dict[str, list[int]] = {}
        for number, terms in enumerate(self._terms):
            for term in terms:
                self._with_term.setdefault(term, []).append(number)
        self._signature = lru_cache(maxsize=_CACHED_SIGNATURES)(self._read_wording)

    def __call__(self, turn: Turn) -> Draft | None:
        """Return the answer that staff wrote to the turn's question, if it is in force on its day, or None."""
        for query in turn.wordings or (turn.parsed_query,):
            signature = self._signatures.from_query(query, turn.requested_day)
            if entry := self._match(signature, (term.text for term in query.terms), query.scope.as_of):
                updated = date.fromisoformat(entry.updated) if entry.updated else self._day_written(entry)
                draft = answer_draft(self._index.all_passages(entry.doc_id), updated, entry.contact)
                return replace(draft, subject=entry.wordings[0])
        return None

    def find(self, question: str, day: date) -> str | None:
        """Return the id of the row that answers a question asked on `day`, or None."""
        text = nfkc(question).strip()
        entry = self._match(self._signatures.from_text(text, day), words(text), day)
        return entry.doc_id if entry else None

    def likely_questions(self, turn: Turn) -> tuple[str, ...]:
        """Return up to three questions of rows to choose from, none unless one of them is likely to be meant."""
        return () if turn.curated.status is Status.NO_ANSWER else self.similar_questions(turn)[:_MAX_OFFERED]

    def similar_questions(self, turn: Turn) -> tuple[str, ...]:
        """Return questions of rows in force that are similar to the turn's, most similar first, one of each row.

        They are offered, as they may ask for something else (decision 030).
        """
        if turn.query is None:
            return ()
        ranked = self._rank(term.text for term in turn.query.terms)
        likeness = {self._wordings[n][1].doc_id: value for n, value in reversed(ranked) if value >= _MIN_LIKENESS}
        for scored in turn.curated.passages:
            if scored.probability >= _MIN_PROBABILITY:
                doc_id = scored.hit.passage.doc_id
                likeness[doc_id] = max(likeness.get(doc_id, 0.0), scored.probability)
        near = sorted(likeness, key=lambda doc_id: -likeness[doc_id])
        day = turn.query.scope.as_of
        return tuple(self._questions[doc_id] for doc_id in near if self._passages(doc_id, day))

    def _match(self, signature: QuestionSignature, terms: Iterable[str], day: date) -> FaqEntry | None:
        near = (number for number, _ in self._rank(terms)[:_MAX_COMPARED])
        same = (number for number in near if self._signature(number).is_same(signature))
        return next((entry for n in same if self._passages((entry := self._wordings[n][1]).doc_id, day)), None)

    def _rank(self, terms: Iterable[str]) -> list[tuple[int, float]]:
        asked = frozenset(terms)
        common = Counter(chain.from_iterable(self._with_term.get(term, ()) for term in asked))
        likeness = {n: 2 * count / (len(asked) + len(self._terms[n])) for n, count in common.items()}
        return sorted(likeness.items(), key=lambda one: -one[1])

    def _read_wording(self, number: int) -> QuestionSignature:
        text, entry = self._wordings[number]
        return self._signatures.from_text(text, self._day_written(entry))

    def _passages(self, doc_id: str, day: date) -> tuple[Passage, ...]:
        document = self._index.by_id[doc_id]
        published = published_on(document)
        is_served = (published is None or published <= day) and self._index.publications.is_in_force(document, day)
        passages = tuple(self._index.all_passages(doc_id)) if is_served else ()
        return () if any(passage.withheld for passage in passages) else passages

    def _day_written(self, entry: FaqEntry) -> date:
        return published_on(self._index.by_id[entry.doc_id]) or self._written

    def compare(self, wordings: Sequence[str], question: str, day: date) -> str:
        """Say in Japanese how a row with these wordings would be found by a question, whoever else answers it."""
        asked, *known = (self._signatures.from_text(nfkc(text).strip(), day) for text in (question, *wordings))
        return "この回答で答えます" if any(map(asked.is_same, known)) else "近ければ、この質問を選べるように示します"


def answer_draft(passages: Sequence[Passage], updated: date, contact: str) -> Draft:
    """Return the answer that a row's passages are, said to be staff's, with the day and who to ask."""
    lines = [(n, line) for n, one in enumerate(passages, 1) for line in one.text.splitlines() if line.strip()]
    statements = []
    for place, (n, line) in enumerate(lines, 1):
        is_last = place == len(lines) or lines[place][0] != n
        text, end = (line[:-1], "。") if line.endswith("。") else (line, "")
        statements.append(Statement(text, (n,) if is_last else (), end + "\n" * (place < len(lines))))
    notices = [service_message("by_staff", day=format_japanese_date(updated))]
    notices += [service_message("staff_contact", contact=contact)] if contact else []
    return Draft(
        (Paragraph(tuple(statements)),),
        tuple(Source(passage, passage.text) for passage in passages),
        generator=CURATED,
        notices=(paragraph(*notices),),
    )
