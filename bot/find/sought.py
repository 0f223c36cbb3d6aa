"""What is looked for: the question, the documents it is about, and the words that a piece must cover."""

from dataclasses import dataclass
from functools import cached_property

from bot.find.evidence import content_terms_cached
from bot.understand.asked import Asked, Term
from bot.understand.scope import Scope
from ingest.normalise import DateMention


@dataclass(frozen=True)
class Sought:
    """A question with its scope; both are read once and used for every piece."""

    asked: Asked
    scope: Scope

    @cached_property
    def documents_named(self) -> frozenset[str]:
        """The words of the names by which the question names documents."""
        return frozenset().union(*(content_terms_cached(name) for name in self.scope.consumed))

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The terms that a piece must cover: those of the question less the names of documents."""
        return tuple(t for t in self.asked.terms if t.text not in self.documents_named)

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
