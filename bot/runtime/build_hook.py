"""Build hook that creates and tests the suggestions of an index generation."""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta

from bot.pipeline import Pipeline
from bot.state import Question, Status, Turn
from bot.suggestions.candidates import is_retired, question_candidates
from bot.suggestions.suggest import FILE
from ingest.build.hooks import UnchangedDocuments
from ingest.documents import Document, Passage
from ingest.embedding import Encoder
from ingest.index.index import Index
from ingest.metadata.validity import is_in_force, published_on, superseding_documents

# So many questions of an index are tried, from all over it: a trial takes as long as an answer.
_TRIED = 200
# Notices of papers from so long before the issuer's latest are offered no more.
_LATELY = timedelta(days=100)
# Of so many passages the questions are made that are chosen from.
_LOOKED_AT = 20_000


def prepare(index: Index, encoder: Encoder, unchanged: UnchangedDocuments) -> None:
    """Write to the folder of `index` the questions about its documents that are answered from where they came.

    Those of `unchanged` documents that are still in force are taken over; only the others' are tried, and those of a
    document of which an earlier version of this program kept a question that is offered no more.
    """
    day = date.today()  # noqa: DTZ011 -- the day of the office, as everywhere a question is asked
    replacing = superseding_documents(index.documents)
    in_force_now = {document.id for document in index.documents if is_in_force(document, day, replacing)}
    known = _known(index, unchanged, in_force_now)
    retired = {_owner(index, passage_id) for question, passage_id in known if is_retired(question)}
    known = [pair for pair in known if _owner(index, pair[1]) not in retired]
    lately = _lately(index.documents)
    new = [one for one in index.documents if one.id not in unchanged.documents or one.id in retired]
    made = list(_made(index, [one for one in new if one.id in in_force_now and one.id in lately]))
    if made:
        # As many of the new documents as of all: their share of the passages.
        size = sum(len(index.passage_rows(document.id)) for document in new)
        step = max(1, len(made) // -(-_TRIED * size // len(index.passages)))
        pipeline = Pipeline(index, encoder)
        known += [(question, p.id) for question, p in made[::step] if _answers(pipeline, question, p, day)]
    kept = sorted(known, key=lambda pair: index.passage_row(pair[1]))
    (index.folder / FILE).write_text(json.dumps(kept, ensure_ascii=False, indent=0), "utf-8")


def _known(index: Index, unchanged: UnchangedDocuments, in_force: Collection[str]) -> list[tuple[str, str]]:
    """Return the questions, with their passages' ids, that an earlier index had of documents unchanged and in force."""
    if unchanged.folder is None or not (file := unchanged.folder / FILE).exists():
        return []
    pairs = [(str(question), str(passage_id)) for question, passage_id in json.loads(file.read_text("utf-8"))]
    documents = unchanged.documents.intersection(in_force)
    return [pair for pair in pairs if _owner(index, pair[1]) in documents]


def _lately(documents: Sequence[Document]) -> frozenset[str]:
    """Return the documents without the notices of an issuer from long before its latest: their dates have passed."""
    told = [(one, published) for one in documents if one.kind == "notice" and (published := published_on(one))]
    latest: dict[str, date] = {}
    for one, published in told:
        latest[one.issuer] = max(published, latest.get(one.issuer, published))
    old = {one.id for one, published in told if latest[one.issuer] - published > _LATELY}
    return frozenset(one.id for one in documents if one.id not in old)


def _owner(index: Index, passage_id: str) -> str | None:
    with suppress(KeyError):
        return index.passages[index.passage_row(passage_id)].doc_id
    return None


def _made(index: Index, documents: Sequence[Document]) -> Iterator[tuple[str, Passage]]:
    """Yield what the documents may be asked; of many, those from all over that have `_LOOKED_AT` passages."""
    size = sum(len(index.passage_rows(document.id)) for document in documents)
    for document in documents[:: max(1, size // _LOOKED_AT)]:
        yield from question_candidates(document, index.document_passages(document.id))


def _answers(pipeline: Pipeline, question: str, passage: Passage, day: date) -> bool:
    turn, _ = pipeline.answer(Turn(Question(question=question), day))
    draft = turn.draft
    return bool(
        draft and draft.status is Status.ANSWERED and draft.sources and draft.sources[0].passage.path == passage.path
    )
