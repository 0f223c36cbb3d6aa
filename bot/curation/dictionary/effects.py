"""Tries a change of the dictionary on past questions: which are answered otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from time import monotonic

from bot.curation.served_pipeline import ServedPipeline
from bot.state import Question, Status, Turn
from ingest.japanese import nfkc

Pairs = tuple[tuple[str, str], ...]
# Each is asked twice: some 4 s of an editor's time at most.
MAX_ASKED, MAX_SECONDS = 40, 8.0
_SHOWN_PASSAGES = 3


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """How a question is answered: its status, and the first passages as (id, place for staff)."""

    status: Status
    passages: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ChangedQuestion:
    """A past question that a change answers otherwise."""

    question: str
    before: SearchOutcome
    after: SearchOutcome

    @property
    def is_worse(self) -> bool:
        """Whether it is no longer answered, or less surely than before."""
        return _RANKS.get(self.after.status, 0) < _RANKS.get(self.before.status, 0)


@dataclass(frozen=True, slots=True)
class Effects:
    """Of `recorded` past questions `concerned` have a changed name; `asked` of those were asked before and after."""

    recorded: int
    concerned: int
    asked: int
    changed: tuple[ChangedQuestion, ...]


_RANKS = {Status.ANSWERED: 2, Status.PARTIAL: 1}


def compare_answers(
    questions: Sequence[str], before: Pairs, after: Pairs, pipeline: ServedPipeline, day: date
) -> Effects:
    """Ask the past questions that a change of the names concerns with both sets of names, without a language model.

    No more than 40 are asked, within 8 seconds; nothing is recorded.
    """
    names = pipeline.names
    if names is None:
        return Effects(len(questions), 0, 0, ())
    concerned = [text for text in questions if names.find(nfkc(text), before) != names.find(nfkc(text), after)]
    changed, asked, end = list[ChangedQuestion](), 0, monotonic() + MAX_SECONDS
    for text in concerned[:MAX_ASKED]:
        if asked and monotonic() > end:
            break
        old, new = (_ask(text, pairs, pipeline, day) for pairs in (before, after))
        asked += 1
        if old != new:
            changed.append(ChangedQuestion(text, old, new))
    changed.sort(key=lambda one: not one.is_worse)
    return Effects(len(questions), len(concerned), asked, tuple(changed))


def _ask(text: str, pairs: Pairs, pipeline: ServedPipeline, day: date) -> SearchOutcome:
    turn, _ = pipeline.answer(Turn(Question(question=text, by_model=False), day, tried_names=pairs))
    draft = turn.draft
    if draft is None:
        return SearchOutcome(Status.NO_ANSWER, ())
    titles = {document.id: document.title for document in pipeline.index.documents}
    passages = [source.passage for source in draft.sources[:_SHOWN_PASSAGES]]
    return SearchOutcome(
        draft.status, tuple((one.id, f"{titles[one.doc_id]} {one.section}".strip()) for one in passages)
    )
