"""The extractive composer: an answer in whole sentences from the evidence alone, without a language model.

The forms of an answer stand in `FORMS`; the first that suits the question and its evidence is given. A new form is one
new file and one line here.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.answer import Status
from bot.compose.all_told import all_told
from bot.compose.at_rate import at_rate
from bot.compose.balance import balance
from bot.compose.corpus import Corpus
from bot.compose.entry import entry
from bot.compose.event import event
from bot.compose.finish import finish
from bot.compose.grades import rows_of_grade
from bot.compose.in_force import still_in_force
from bot.compose.in_sentence import reckoned_in_sentence
from bot.compose.in_stretch import in_stretch
from bot.compose.in_time import EARLIER
from bot.compose.located import located
from bot.compose.meaning import meaning
from bot.compose.nth import nth
from bot.compose.piece import best_piece
from bot.compose.plans import plans_side_by_side
from bot.compose.reckoned import reckoned
from bot.compose.rest import rest_of_passage
from bot.compose.series import series
from bot.compose.side_by_side import documents_side_by_side, members_side_by_side
from bot.compose.table import announced_table, rows_side_by_side, table_with_cells, whole_table
from bot.compose.targets import over_targets
from bot.find.decide import suggestions
from bot.find.holds import answers_alone
from bot.find.sought import Sought
from bot.find.told import is_told
from bot.find.weigh import Weighed
from bot.turn import Draft, Turn
from bot.understand.asked import Kind
from bot.understand.thesaurus import same_meaning
from ingest.documents import Document, Passage

Form = Callable[[Sought, Sequence[Weighed], Corpus], Draft | None]
# Over figures that no piece says alone; what the others say, a piece must hold by itself.
RECKONED: tuple[Form, ...] = (
    still_in_force,
    plans_side_by_side,
    documents_side_by_side,
    members_side_by_side,
    over_targets,
    rows_of_grade,
    balance,
    in_stretch,
    reckoned,
    reckoned_in_sentence,
    at_rate,
)
FORMS: tuple[Form, ...] = (
    located,
    nth,
    meaning,
    rows_side_by_side,
    table_with_cells,
    announced_table,
    whole_table,
    series,
    entry,
    event,
    best_piece,
)


_NOTHING_MORE = "いまお伝えしたことのほかには、登録されている文書に書かれていることが見つかりませんでした。"


class Compose:
    """Says what the evidence says. `passages` are all of the index, in the order of the sources."""

    def __init__(self, passages: Sequence[Passage], documents: Sequence[Document]) -> None:
        self._corpus = Corpus(passages, documents)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with a draft, where none stands yet and a piece of the evidence can answer."""
        if turn.draft is not None or turn.asked is None or turn.scope is None:
            return turn
        sought = Sought(turn.asked, turn.scope, turn.hits)
        told = turn.asked.told
        fitting = [w for w in turn.weighed if w.fits]
        if told:
            fitting = _not_told(fitting, sought)
        draft = all_told(turn.weighed, sought) if told and not turn.asked.beside else None
        draft = draft or self._draft(sought, fitting, RECKONED) or self._draft(sought, _alone(sought, fitting), FORMS)
        if draft is None and told:
            draft = rest_of_passage(sought, self._corpus)
        if draft is None and told:
            return turn.finish(Draft(_NOTHING_MORE, status=Status.NO_ANSWER, suggestions=suggestions(fitting)))
        draft = draft and finish(draft, sought, self._corpus.documents)
        if draft and turn.asked.lacks:
            absent = f"{turn.asked.lacks}は、登録されている文書には書かれていません。書かれているのは次のことです。"
            draft = replace(draft, text=f"{absent}\n{draft.text}", status=Status.PARTIAL)
        return replace(turn, draft=draft)

    def _draft(self, sought: Sought, fitting: Sequence[Weighed], forms: Sequence[Form]) -> Draft | None:
        drafts = (form(sought, fitting, self._corpus) for form in forms) if fitting else iter(())
        return next((draft for draft in drafts if draft), None)


def _alone(sought: Sought, fitting: Sequence[Weighed]) -> list[Weighed]:
    """Return the pieces that can answer by themselves, as an operand of a sum cannot."""
    return [w for w in fitting if w.evidence.kind != "row" or answers_alone(w.evidence, sought)]


def _not_told(fitting: Sequence[Weighed], sought: Sought) -> list[Weighed]:
    """Return what is more of the same: of the plan that was spoken of, with each word that names the thing."""
    told = sought.asked.told
    others = EARLIER in told or sought.asked.kind in {Kind.WHO, Kind.LIST}  # who else, what else: wherever they stand
    within = sought.scope.allowed if others else sought.scope.preferred
    named = frozenset[str]() if sought.asked.kind is Kind.WHY else sought.strong  # a reason names it no more
    return [
        w
        for w in fitting
        if w.evidence.passage.doc_id in within
        and not is_told(w.evidence, told)
        and not any(same_meaning(word).isdisjoint(w.evidence.around) for word in named)
    ]
