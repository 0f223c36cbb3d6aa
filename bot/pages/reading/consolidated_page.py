"""Divides a document with its amendments into pages, for a reader of the provisions of one day."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice

from ingest.amendments.consolidation import Consolidation, OperationResult, Version

# Characters on one page, so that a long document takes no longer to lay out.
_CHARACTERS_PER_PAGE = 60_000
# A provision, version, amendment or highlighted span takes as long as so many characters.
_CHARACTERS_PER_ELEMENT = 50
# Amendments that are listed under one version.
_MAX_AMENDMENTS = 50


class ShownProvisions:
    """The provisions of a day, their histories, and the amendments that could not be applied.

    Attributes:
        texts: the texts of the provisions that exist on the day, by key.
    """

    def __init__(self, consolidation: Consolidation, day: date) -> None:
        self._consolidation = consolidation
        self.texts = {provision.key: provision.content for provision in consolidation.on(day).children}

    def pages(self) -> Iterator[list[OperationResult | int]]:
        """Yield the items of each page: what could not be applied, the provisions of the day by key, then others."""
        declined = [result for result in self._consolidation.results if result.is_missing]
        others = [key for key in self._consolidation.changed_keys if key not in self.texts]
        page = list[OperationResult | int]()
        left = _CHARACTERS_PER_PAGE
        for item in (*declined, *self.texts, *others):
            left -= self._size(item)
            if left < 0 and page:
                yield page
                page = []
                left = _CHARACTERS_PER_PAGE
            page.append(item)
        yield page

    def history(self, key: int) -> Sequence[Version]:
        """Return the versions of a provision, the newest first; none if it has only one."""
        versions = self._consolidation.versions[key]
        return versions[::-1] if len(versions) > 1 else ()

    def amendments(self, version: Version) -> list[OperationResult]:
        """Return the operations that made a version, one for each amending text."""
        results = {(result.doc_id, result.sentence): result for result in self._consolidation.results_of(version)}
        return list(islice(results.values(), _MAX_AMENDMENTS))

    def _size(self, item: OperationResult | int) -> int:
        if isinstance(item, OperationResult):
            return len(item.sentence) + _CHARACTERS_PER_ELEMENT
        size = len(self.texts.get(item, "")) + _CHARACTERS_PER_ELEMENT
        for version in self.history(item):
            spans = (*version.old, *version.new)
            sentences = [result.sentence for result in self.amendments(version)]
            texts = [span.text for span in spans] or [version.provision.content if version.provision else ""]
            size += sum(map(len, (*texts, *sentences))) + _CHARACTERS_PER_ELEMENT * (1 + len(spans) + len(sentences))
        return size
