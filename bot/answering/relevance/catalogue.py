"""The documents of an index with their passages, as ranking and answerers look them up."""

from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache

from bot.answering.relevance.notices import RecurringNotices
from bot.answering.state.query import Scope
from ingest.documents import Passage
from ingest.publications import Publications

FindPassages = Callable[[str], Iterable[Passage]]
"""Returns the passages of a document by its id."""


class DocumentCatalogue:
    """The documents of an index with their passages; safe to share between threads."""

    def __init__(self, publications: Publications, find_passages: FindPassages) -> None:
        self.publications = publications
        self.documents = publications.by_id
        self.find_passages = find_passages
        self._paths = lru_cache(maxsize=1024)(lambda doc_id: {one.path for one in find_passages(doc_id)})

    @cached_property
    def recurring_notices(self) -> RecurringNotices:
        return RecurringNotices(self.documents.values(), self.find_passages)

    def naming_headings(self, passage: Passage) -> tuple[str, ...]:
        """Return the headings that name what a passage is about, outer to inner, without the document's title.

        They begin with the innermost heading that no other section of the document has (陶芸教室, 申込方法).
        """
        paths = self._paths(passage.doc_id)
        depths = [n for n, one in enumerate(passage.path) if one != self.documents[passage.doc_id].title]
        for depth in reversed(depths):
            outer = {path[: path.index(passage.path[depth])] for path in paths if passage.path[depth] in path}
            if len(outer) == 1:
                return passage.path[depth:]
        return tuple(passage.path[depth] for depth in depths)

    def is_superseded(self, doc_id: str, scope: Scope) -> bool:
        return self.publications.successor(self.documents[doc_id], scope.as_of) is not None
