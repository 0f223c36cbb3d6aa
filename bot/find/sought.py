"""What is looked for: the question, the documents it is about, and the words that a piece must cover."""

import re
from dataclasses import dataclass
from functools import cached_property, partial

from bot.find.evidence import content_terms_cached
from bot.find.hours import asks_hour
from bot.find.limits import limits_figures
from bot.turn import Hit
from bot.understand.asked import Asked, Kind, Term
from bot.understand.outcome import OF_A_MATTER, asks_outcome
from bot.understand.reckoning import Reckoning, reckoning_of
from bot.understand.scope import Scope
from ingest.normalise import DateMention

# What is done in a meeting by speaking.
_SAYS = re.compile(
    r"言[っいう]|述べ|発言|話し[たて]|質問し|尋ね|訊[いか]|指摘|提案し|要望し|求め[たて]|説明し|答え[たて]|意見"
)
# What moves somebody to speak: who did so has said it, be it as a question.
_MOVED = re.compile(r"心配し|懸念|不安(?:視|に思|がっ)|危惧|疑問|案じ|気にし|質し|ただし[たて]")

# Where a sum of money is asked for, these words only say so: the unit of the figure says it too.
_SUMS_OF_MONEY = frozenset({"費用", "金額", "値段", "代金", "金", "コスト", "額"})
# Where an hour is asked for, these only say about which.
_TIMES_OF_DAY = frozenset({"朝", "昼", "夕方", "夜", "晩", "午前", "午後"})
# A month or day without its year is a date too, though no year tells which: its numbers need not stand in the piece.
_YEARLESS = re.compile(r"(?<!\d)(1[0-2]|[1-9])月(?:(\d{1,2})日)?(?!\d)")
# Nouns that only join clauses (取るときの, 始める場合), and how a figure came about, which a formula or note tells.
_FORMAL = frozenset({"時", "場合", "際", "計算", "算出", "表", "一覧"})


@dataclass(frozen=True)
class Sought:
    """A question with its scope and what was found for it; all are read once and used for every piece."""

    asked: Asked
    scope: Scope
    hits: tuple[Hit, ...] = ()

    @cached_property
    def documents_named(self) -> frozenset[str]:
        """The words of the names by which the question names documents."""
        return frozenset().union(*(content_terms_cached(name) for name in self.scope.consumed))

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The terms that a piece must cover: those of the question less the names of documents and what is reckoned."""
        done = self.reckoning.wording if self.reckoning and self.reckoning.done_here else ""
        without = self.documents_named | content_terms_cached(done)
        terms = tuple(t for t in self.asked.terms if t.text not in without)
        said = _FORMAL | (_SUMS_OF_MONEY if self.asked.kind is Kind.MONEY or self.reckoning else frozenset())
        said |= _TIMES_OF_DAY if asks_hour(self.asked.text) else frozenset()
        said |= OF_A_MATTER if asks_outcome(self.asked.text) else frozenset()
        said |= {number for written in _YEARLESS.findall(self.asked.text) for number in written if number}
        things = tuple(t for t in terms if t.text not in said)
        return things if any(t.is_strong for t in things) else terms

    @cached_property
    def reckoning(self) -> Reckoning | None:
        """What the question wants done with figures, if anything."""
        return reckoning_of(self.asked.text, partial(limits_figures, passages=[hit.passage for hit in self.hits]))

    @cached_property
    def asks_speaker(self) -> bool:
        """Whether it asks who said something, or what someone said."""
        moved = self.asked.kind is Kind.WHO and _MOVED.search(self.asked.text)
        return bool(_SAYS.search(self.asked.text) or moved)

    @cached_property
    def words(self) -> frozenset[str]:
        """The terms as plain words."""
        return frozenset(t.text for t in self.terms)

    @cached_property
    def strong(self) -> frozenset[str]:
        """The words that name things: no verbs' helpers, no affixes."""
        return frozenset(t.text for t in self.terms if t.is_strong)

    @cached_property
    def numbered(self) -> tuple[str, ...]:
        """The members of series that the question names (視点1, 視点2)."""
        return tuple(t.text for t in self.terms if t.proper and t.text[-1].isdigit())

    @cached_property
    def dates(self) -> tuple[DateMention, ...]:
        """The dates that a piece must be of: those that did not tell which document is meant."""
        return tuple(m for m in self.asked.dates if m not in self.scope.used_dates)
