"""The extractive composer: an answer in whole sentences from the evidence alone, without a language model.

The forms of an answer stand in `FORMS`; the first that suits the question and its evidence is given. A new form is one
new file and one line here.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.compose.calendars import both_calendars
from bot.compose.corpus import Corpus
from bot.compose.entry import entry
from bot.compose.event import event
from bot.compose.excepting import without
from bot.compose.in_force import still_in_force
from bot.compose.in_time import in_time
from bot.compose.piece import best_piece
from bot.compose.reckoned import reckoned
from bot.compose.series import series
from bot.compose.side_by_side import documents_side_by_side, members_side_by_side
from bot.compose.table import announced_table, rows_side_by_side, whole_table
from bot.compose.targets import over_targets
from bot.find.fit import answers_alone
from bot.find.sought import Sought
from bot.find.weigh import Weighed
from bot.turn import Draft, Turn
from ingest.documents import Document, Passage

Form = Callable[[Sought, Sequence[Weighed], Corpus], Draft | None]
# Over figures that no piece says alone; what the others say, a piece must hold by itself.
RECKONED: tuple[Form, ...] = (still_in_force, documents_side_by_side, members_side_by_side, over_targets, reckoned)
FORMS: tuple[Form, ...] = (
    rows_side_by_side,
    announced_table,
    whole_table,
    series,
    entry,
    event,
    best_piece,
)


class Compose:
    """Says what the evidence says. `passages` are all of the index, in the order of the sources."""

    def __init__(self, passages: Sequence[Passage], documents: Sequence[Document]) -> None:
        self._corpus = Corpus(passages, documents)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with a draft, where none stands yet and a piece of the evidence can answer."""
        if turn.draft is not None or turn.asked is None or turn.scope is None:
            return turn
        sought = Sought(turn.asked, turn.scope, turn.hits)
        fitting = [w for w in turn.weighed if w.fits]
        draft = self._draft(sought, fitting, RECKONED) or self._draft(sought, _alone(sought, fitting), FORMS)
        return replace(turn, draft=draft and self._finished(draft, sought))

    def _finished(self, draft: Draft, sought: Sought) -> Draft:
        """Return the draft without what the question excepts, with its documents and dates told in full."""
        draft = in_time(without(draft, sought.asked.excepted), self._corpus.documents, sought.scope.as_of)
        return replace(draft, text=both_calendars(draft.text))

    def _draft(self, sought: Sought, fitting: Sequence[Weighed], forms: Sequence[Form]) -> Draft | None:
        drafts = (form(sought, fitting, self._corpus) for form in forms) if fitting else iter(())
        return next((draft for draft in drafts if draft), None)


def _alone(sought: Sought, fitting: Sequence[Weighed]) -> list[Weighed]:
    """Return the pieces that can answer by themselves, as an operand of a sum cannot."""
    return [w for w in fitting if w.evidence.kind != "row" or answers_alone(w.evidence, sought)]
