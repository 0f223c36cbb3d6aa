"""The page of a document with its amendments: the provisions of a day, their history, and what could not be applied."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from bot.languages import Language, format_date
from bot.languages.catalogue import Catalogue
from ingest.amendments.consolidation import Consolidation, OperationResult, Version
from ingest.documents import Document
from ingest.japanese.word_differences import TextSpan

# Characters on one page, so that a long document takes no longer to lay out.
_CHARACTERS_PER_PAGE = 60_000
# A provision, version, amendment or highlighted span takes as long as so many characters.
_CHARACTERS_PER_ELEMENT = 50
# Amendments that are listed under one version.
_MAX_AMENDMENTS = 50


@dataclass(frozen=True, slots=True)
class ShownAmendment:
    """An amending text, its document, and why it was not applied, "" if it was."""

    document: Document
    sentence: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version of a provision: its days as text, and the words that differ from the version before."""

    days: str
    text: str
    is_shown: bool
    old: tuple[TextSpan, ...]
    new: tuple[TextSpan, ...]
    amendments: tuple[ShownAmendment, ...]


@dataclass(frozen=True, slots=True)
class ShownProvision:
    """A provision of the day, "" for one that does not exist on it, and its versions if it has several."""

    key: int
    text: str
    versions: tuple[ShownVersion, ...] = ()


class ConsolidatedPages:
    """A document with its amendments on a day, in pages of limited size.

    Attributes:
        repealed_by: the document that repeals it, None if it is in force on the day.
    """

    def __init__(
        self,
        consolidation: Consolidation,
        day: date,
        documents: Mapping[str, Document],
        words: Catalogue,
        language: Language,
    ) -> None:
        """Divide the document; `documents` are all documents by id, `words` those of the `language`."""
        self._consolidation = consolidation
        self._day = day
        self._documents = documents
        self._words = words["room"]
        self._language = language
        repeal = consolidation.find_repeal(day)
        self.repealed_by = documents[repeal.doc_id] if repeal else None
        self._declined = [result for result in consolidation.results if result.is_missing]
        self._present = {provision.key: provision.content for provision in consolidation.on(day).children}
        others = [key for key in consolidation.changed_keys if key not in self._present]
        self._pages = list[list[OperationResult | int]]([[]])
        left = _CHARACTERS_PER_PAGE
        items: list[OperationResult | int] = [*self._declined, *self._present, *others]
        for item in items:
            left -= self._size(item)
            if left < 0 and self._pages[-1]:
                self._pages.append([])
                left = _CHARACTERS_PER_PAGE
            self._pages[-1].append(item)

    @property
    def count(self) -> int:
        """The number of pages."""
        return len(self._pages)

    def amending(self) -> Iterator[tuple[Document, str, str]]:
        """Yield each amending document with its days of promulgation and effect as text, "" if unknown."""
        for doc_id in self._consolidation.amending:
            dates = self._consolidation.dates[doc_id]
            yield self._documents[doc_id], self._format(dates.promulgated), self._format(dates.in_force_from)

    def declined(self, number: int) -> list[ShownAmendment]:
        """Return the amendments of a page, numbered from 1, that could not be applied."""
        return [self._show(item) for item in self._pages[number - 1] if isinstance(item, OperationResult)]

    def provisions(self, number: int) -> list[ShownProvision]:
        """Return the provisions of a page, numbered from 1: those of the day, then those removed or added later."""
        return [
            ShownProvision(item, self._present.get(item, ""), tuple(self._show_versions(self._history(item))))
            for item in self._pages[number - 1]
            if isinstance(item, int)
        ]

    def _history(self, key: int) -> Sequence[Version]:
        """Return the versions of a provision, none if it has only one."""
        versions = self._consolidation.versions[key]
        return versions if len(versions) > 1 else ()

    def _size(self, item: OperationResult | int) -> int:
        if isinstance(item, OperationResult):
            return len(item.sentence) + _CHARACTERS_PER_ELEMENT
        size = len(self._present.get(item, "")) + _CHARACTERS_PER_ELEMENT
        for version in self._history(item):
            spans = (*version.old, *version.new)
            sentences = [result.sentence for result in self._results_of(version)]
            texts = [span.text for span in spans] or [version.provision.content if version.provision else ""]
            size += sum(map(len, (*texts, *sentences))) + _CHARACTERS_PER_ELEMENT * (1 + len(spans) + len(sentences))
        return size

    def _results_of(self, version: Version) -> list[OperationResult]:
        """Return the operations that made a version, one for each amending text."""
        results = {(result.doc_id, result.sentence): result for result in self._consolidation.results_of(version)}
        return list(islice(results.values(), _MAX_AMENDMENTS))

    def _show_versions(self, versions: Sequence[Version]) -> Iterator[ShownVersion]:
        for version in reversed(versions):
            yield ShownVersion(
                days=self._format_days(version),
                text=version.provision.content if version.provision else "",
                is_shown=version.is_on(self._day),
                old=version.old,
                new=version.new,
                amendments=tuple(map(self._show, self._results_of(version))),
            )

    def _show(self, result: OperationResult) -> ShownAmendment:
        return ShownAmendment(self._documents[result.doc_id], result.sentence, result.reason)

    def _format(self, day: date | None) -> str:
        return format_date(day.isoformat(), self._language) if day else ""

    def _format_days(self, version: Version) -> str:
        """Return the days on which a version is in force as text."""
        first, until = self._format(version.first), self._format(version.until)
        name = "between" if first and until else "since" if first else "until"
        return str(self._words[name]).format(day=first or until, first=first, until=until)
