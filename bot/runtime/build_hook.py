"""Build hook that creates and tests the suggestions of an index generation."""

import json
from collections.abc import Sequence
from datetime import date, timedelta

from bot.pipeline import Pipeline, build_pipeline
from bot.relevance.event_dates import past_day
from bot.state import Question, Status, Turn
from bot.suggestions.suggest import FILE, question_candidates
from ingest.documents import Document, Passage
from ingest.embedding import Encoder
from ingest.index.index import Index
from ingest.metadata.validity import is_in_force, published_on, superseding_documents

# Questions of an index that are tested, evenly spaced; each test takes as long as an answer.
_MAX_TESTED = 200
# Notices older than this before the issuer's latest are not suggested.
_MAX_NOTICE_AGE = timedelta(days=100)
# Passages from which candidate questions are created.
_MAX_PASSAGES = 20_000


def prepare(index: Index, encoder: Encoder) -> None:
    """Write the questions that the index answers from the passage they were created from."""
    day = date.today()  # noqa: DTZ011 -- the day of the office, as for every question
    replacing = superseding_documents(index.documents)
    in_force_now = {document.id for document in index.documents if is_in_force(document, day, replacing)}
    suggested = _recent_documents(index.documents) & in_force_now
    sampled = [document for document in index.documents if document.id in suggested]
    sampled = sampled[:: max(1, sum(len(index.passage_rows(document.id)) for document in sampled) // _MAX_PASSAGES)]
    candidates = [
        candidate
        for document in sampled
        for candidate in question_candidates(document, index.document_passages(document.id))
    ]
    questions = list[tuple[str, str]]()
    if candidates:
        tested = candidates[:: max(1, len(candidates) // _MAX_TESTED)]
        pipeline = build_pipeline(index, encoder)
        documents = {document.id: document for document in sampled}
        for question, passage in tested:
            # What had passed by today was answered surely when it was published.
            document = documents[passage.doc_id]
            published = published_on(document) if past_day(document, [passage.text], day) else None
            if _is_answered(pipeline, question, passage, published or day):
                questions.append((question, passage.id))
    questions.sort(key=lambda pair: index.passage_row(pair[1]))
    (index.folder / FILE).write_text(json.dumps(questions, ensure_ascii=False, indent=0), "utf-8")


def _recent_documents(documents: Sequence[Document]) -> frozenset[str]:
    notices = [
        (document, day) for document in documents if document.kind == "notice" and (day := published_on(document))
    ]
    latest: dict[str, date] = {}
    for notice, day in notices:
        latest[notice.issuer] = max(day, latest.get(notice.issuer, day))
    old = {notice.id for notice, day in notices if latest[notice.issuer] - day > _MAX_NOTICE_AGE}
    return frozenset(document.id for document in documents if document.id not in old)


def _is_answered(pipeline: Pipeline, question: str, passage: Passage, day: date) -> bool:
    turn, _ = pipeline.answer(Turn(Question(question=question), day))
    draft = turn.draft
    return bool(
        draft and draft.status is Status.ANSWERED and draft.sources and draft.sources[0].passage.path == passage.path
    )
