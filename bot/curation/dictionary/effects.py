"""Tries a change of the dictionary on past questions: which are answered otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import TYPE_CHECKING

from bot.question.dictionary import Pairs
from bot.state import Question, Status, Turn
from ingest.japanese import nfkc

if TYPE_CHECKING:
    from bot.pipeline import OpenedIndex

# Past questions that are asked again, each of them twice.
MAX_ASKED = 40
# An editor waits for this time at most.
MAX_SECONDS = 8.0
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
    old: SearchOutcome
    new: SearchOutcome

    @property
    def is_worse(self) -> bool:
        """Whether it is no longer answered, or less surely than before."""
        return _RANKS.get(self.new.status, 0) < _RANKS.get(self.old.status, 0)


@dataclass(frozen=True, slots=True)
class Effects:
    """The effects of a change on past questions.

    Attributes:
        recorded: the number of past questions.
        concerned: how many of them have a name that the change concerns.
        asked: how many of these were asked with the old and the new names.
        changed: those of them that are answered otherwise.
    """

    recorded: int
    concerned: int
    asked: int
    changed: tuple[ChangedQuestion, ...]


_RANKS = {Status.ANSWERED: 2, Status.PARTIAL: 1}


def compare_answers(
    questions: Sequence[str], old_pairs: Pairs, new_pairs: Pairs, opened: "OpenedIndex", day: date
) -> Effects:
    """Ask the past questions that a change of the names concerns with both sets of names, without a language model.

    No more than 40 are asked, within 8 seconds; nothing is recorded.
    """
    names = opened.names
    if names is None:
        return Effects(len(questions), 0, 0, ())
    concerned = [text for text in questions if names.find(nfkc(text), old_pairs) != names.find(nfkc(text), new_pairs)]
    changed = list[ChangedQuestion]()
    asked = 0
    end = monotonic() + MAX_SECONDS
    for text in concerned[:MAX_ASKED]:
        if asked and monotonic() > end:
            break
        old, new = (_ask(text, pairs, opened, day) for pairs in (old_pairs, new_pairs))
        asked += 1
        if old != new:
            changed.append(ChangedQuestion(text, old, new))
    changed.sort(key=lambda change: not change.is_worse)
    return Effects(len(questions), len(concerned), asked, tuple(changed))


def _ask(text: str, pairs: Pairs, opened: "OpenedIndex", day: date) -> SearchOutcome:
    turn, _ = opened.pipeline.answer(Turn(Question(question=text, by_model=False), day, tried_names=pairs))
    draft = turn.draft
    if draft is None:
        return SearchOutcome(Status.NO_ANSWER, ())
    titles = {document.id: document.title for document in opened.index.documents}
    passages = [source.passage for source in draft.sources[:_SHOWN_PASSAGES]]
    return SearchOutcome(
        draft.status, tuple((passage.id, f"{titles[passage.doc_id]} {passage.section}".strip()) for passage in passages)
    )
