"""Answers with the row of a FAQ file whose question is asked."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from bot.kinds.faq.compile import FaqEntry, faq_entries
from bot.kinds.faq.equivalence import MIN_COSINE, QuestionSignature, QuestionSignatures, can_share_answer
from bot.question.query_parser import QueryParser
from bot.state import CURATED, Draft, Paragraph, ReadTurn, Source, Statement, Turn, paragraph, service_message
from ingest.documents import Passage
from ingest.embedding import Encoder
from ingest.index.index import Index
from ingest.japanese import nfkc
from ingest.japanese.today import format_japanese_date, to_japan_date
from ingest.metadata.validity import is_in_force, published_on, superseding_documents


class FaqAnswerer:
    """Finds staff's answers in one index; safe to share between threads."""

    def __init__(self, index: Index, encoder: Encoder, parser: QueryParser) -> None:
        self._index = index
        self._encoder = encoder
        self._signatures = QuestionSignatures(parser, index.documents)
        self._successors = superseding_documents(index.documents)
        self._written = to_japan_date(index.generation.created)
        self._wordings: list[tuple[QuestionSignature, FaqEntry]] = []
        for entry in faq_entries(index):
            day = self._day_written(entry)
            for text in entry.wordings:
                self._wordings.append((self._signatures.from_text(nfkc(text).strip(), day), entry))
        texts = [signature.text for signature, _ in self._wordings]
        self._vectors = np.array([encoder.encode_query(text) for text in texts], np.float32)

    def __call__(self, turn: ReadTurn) -> Draft | None:
        """Return the answer that staff wrote to the turn's question, if it is in force on its day, or None."""
        if not self._wordings:
            return None
        for query in turn.wordings or (turn.query,):
            signature = self._signatures.from_query(query, turn.requested_day)
            if entry := self._match(signature, query.scope.as_of):
                return self._draft(entry, signature.text)
        return None

    def find(self, question: str, day: date) -> str | None:
        """Return the id of the row that answers a question asked on `day`, or None."""
        entry = self._match(self._signatures.from_text(nfkc(question).strip(), day), day) if self._wordings else None
        return entry.doc_id if entry else None

    def similar_questions(self, turn: Turn) -> tuple[str, ...]:
        """Return questions of rows in force that are similar to the turn's, most similar first, one of each row.

        They are suggestions, as they may not be equivalent (decision 030).
        """
        if not self._wordings or turn.query is None:
            return ()
        signature = self._signatures.from_query(turn.query, turn.requested_day)
        day = turn.query.scope.as_of
        return tuple(
            dict.fromkeys(
                entry.wordings[0]
                for other, entry, _ in self._rank(signature)
                if other.facts.documents == signature.facts.documents and self._passages(entry, day)
            )
        )

    def _match(self, signature: QuestionSignature, day: date) -> FaqEntry | None:
        ranked = self._rank(signature)
        return next(
            (
                entry
                for other, entry, cosine in ranked
                if can_share_answer(signature, other, cosine) and self._passages(entry, day)
            ),
            None,
        )

    def _rank(self, signature: QuestionSignature) -> Iterable[tuple[QuestionSignature, FaqEntry, float]]:
        cosines = self._vectors @ self._encoder.encode_query(signature.text)
        for place in np.argsort(-cosines, kind="stable").tolist():
            if cosines[place] < MIN_COSINE:
                return
            yield *self._wordings[place], float(cosines[place])

    def _passages(self, entry: FaqEntry, day: date) -> tuple[Passage, ...]:
        document = self._index.by_id[entry.doc_id]
        published = published_on(document)
        is_served = (published is None or published <= day) and is_in_force(document, day, self._successors)
        passages = tuple(self._index.all_passages(entry.doc_id)) if is_served else ()
        return () if any(passage.withheld for passage in passages) else passages

    def _day_written(self, entry: FaqEntry) -> date:
        return published_on(self._index.by_id[entry.doc_id]) or self._written

    def compare(self, wordings: Sequence[str], question: str, day: date) -> str:
        """Say in Japanese how a row with these wordings would be found by a question, whoever else answers it."""
        asked, *known = (self._signatures.from_text(nfkc(text).strip(), day) for text in (question, *wordings))
        vector = self._encoder.encode_query(asked.text)
        cosines = [float(self._encoder.encode_query(one.text) @ vector) for one in known]
        if any(can_share_answer(asked, one, cosine) for one, cosine in zip(known, cosines, strict=True)):
            return "この回答で答えます"
        return "似た質問として先に示します" if max(cosines) >= MIN_COSINE else "この回答には届きません"

    def _draft(self, entry: FaqEntry, subject: str) -> Draft:
        updated = date.fromisoformat(entry.updated) if entry.updated else self._day_written(entry)
        return replace(answer_draft(self._index.all_passages(entry.doc_id), updated, entry.contact), subject=subject)


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
