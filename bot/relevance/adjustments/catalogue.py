"""The documents of an index as adjustments look them up."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from bot.question.query import Scope
from bot.relevance.recurring_notices import RecurringNotices
from bot.tables import Tables
from ingest.documents import Document, Passage
from ingest.metadata.validity import superseded_by, superseding_documents


class DocumentCatalogue:
    """The documents of an index with their passages and tables; safe to share between threads."""

    def __init__(
        self, documents: Sequence[Document], tables: Tables, passages_of: Callable[[str], Iterable[Passage]]
    ) -> None:
        self.documents = {document.id: document for document in documents}
        self.tables = tables
        self.passages_of = passages_of
        self._superseding = superseding_documents(documents)
        self._all = documents

    @cached_property
    def recurring_notices(self) -> RecurringNotices:
        """The series of notices."""
        return RecurringNotices(self._all, self.passages_of)

    def is_superseded(self, doc_id: str, scope: Scope) -> bool:
        """Whether the document had been superseded by the as-of date."""
        return superseded_by(self.documents[doc_id], scope.as_of, self._superseding) is not None
