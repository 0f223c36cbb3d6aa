"""Making and trying a generation's suggestions: the hook that `ingest build` calls before it puts one in service."""

import json
from collections.abc import Iterator, Sequence
from datetime import date

from bot.answer import Question, Status
from bot.pipeline import Pipeline
from bot.suggestions.candidates import candidates
from bot.suggestions.suggest import FILE
from bot.turn import Turn
from bot.validity import in_force
from ingest.documents import Document, Passage
from ingest.encoders import Encoder
from ingest.index import Index

# So many questions of an index are tried, from all over it: a trial takes as long as an answer.
_TRIED = 200


def prepare(index: Index, encoder: Encoder) -> None:
    """Write to the folder of `index` the questions about its documents that are answered from where they came."""
    pipeline = Pipeline(index, encoder)
    day = date.today()  # noqa: DTZ011 -- the day of the office, as everywhere a question is asked
    made = list(_in_force(index, day))
    step = max(1, len(made) // _TRIED)
    kept = [[question, passage.id] for question, passage in made[::step] if _answers(pipeline, question, passage, day)]
    (index.folder / FILE).write_text(json.dumps(kept, ensure_ascii=False, indent=0), "utf-8")


def _in_force(index: Index, day: date) -> Iterator[tuple[str, Passage]]:
    by_document: dict[str, list[Passage]] = {}
    for passage in index.passages:
        by_document.setdefault(passage.doc_id, []).append(passage)
    documents: Sequence[Document] = index.documents
    for document in documents:
        if in_force(document, day, documents):
            yield from candidates(document, by_document.get(document.id, ()))


def _answers(pipeline: Pipeline, question: str, passage: Passage, day: date) -> bool:
    turn, _ = pipeline.answer(Turn(Question(question=question), day))
    draft = turn.draft
    return bool(
        draft and draft.status is Status.ANSWERED and draft.sources and draft.sources[0].passage.path == passage.path
    )
