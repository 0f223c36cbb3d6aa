"""Recognises which documents of a corpus amend which: by the manifest, else by title and text."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from ingest.documents import Document
from ingest.japanese import dates, nfkc
from ingest.metadata.amending_titles import (
    RULE_TITLE,
    base_title,
    find_titled,
    group_by_title,
    read_amending_title,
    same_title,
)
from ingest.provisions.addresses import read_number
from ingest.provisions.amending_document import read_amending_document
from ingest.provisions.document_lines import DocumentLine
from ingest.provisions.effect import PROMULGATION_NUMBER, read_effect
from ingest.provisions.operations import Action

LinesOf = Callable[[str], Sequence[DocumentLine]]
"""Returns the lines of a document by its id."""
# Lines at the start of a document in which it says that it replaces another one.
_OPENING_LINES = 12
_TITLE_ACTIONS = frozenset({Action.REPLACE, Action.REPLACE_TEXT})


@dataclass(frozen=True, slots=True)
class AmendedTitle:
    """A document that an amending document names: its title and number, and what happens to it as a whole."""

    title: str
    number: str
    is_replaced: bool
    new_titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AmendingSummary:
    """What an amending document says of the documents that it amends, and its own number, (0, 0) if it has none."""

    titles: tuple[AmendedTitle, ...] = ()
    number: tuple[int, int] = (0, 0)


def summarise_amending_document(document: Document, lines: Sequence[DocumentLine]) -> AmendingSummary:
    """Return what a document says of the documents that it amends; raises LimitExceededError."""
    amending = read_amending_document(lines, document.title)
    effect = read_effect(amending.opening, amending.supplement, None)
    titles = [
        AmendedTitle(
            text.title,
            text.number,
            any(operation.action is Action.REPLACE_ALL for operation in text.operations),
            tuple(
                operation.new
                for operation in text.operations
                if operation.place.part == "題名" and operation.action in _TITLE_ACTIONS and operation.new
            ),
        )
        for text in amending.texts
    ]
    year = effect.promulgated.year if effect.promulgated else 0
    return AmendingSummary(tuple(titles), (year, effect.number))


def find_candidates(documents: Sequence[Document], lines_of: LinesOf) -> list[Document]:
    """Return the documents that may amend others."""
    same_titles = [
        same for (_, title), same in group_by_title(documents).items() if len(same) == 2 and RULE_TITLE.search(title)
    ]
    pairs = {document.id for same in same_titles for document in same}
    return [
        document
        for document in documents
        if document.amends
        or document.id in pairs
        or read_amending_title(document.title)
        or (RULE_TITLE.search(document.title) and _says_it_replaces(lines_of(document.id)))
    ]


def _says_it_replaces(lines: Sequence[DocumentLine]) -> bool:
    return any("全部を改正する" in line.normal for line in lines[:_OPENING_LINES])


def find_links(
    documents: Iterable[Document], lines_of: LinesOf, summaries: Mapping[str, AmendingSummary]
) -> dict[str, tuple[Document, ...]]:
    """Return the documents that amend each document, by its id: as manifests say, else as titles say.

    A title means a document of the same issuer, and none if several have it. If an amending document's title names none
    (X条例等の一部を改正する条例), the introductions in its text do. `summaries` are those of the candidates, by id.
    """
    links: dict[str, list[Document]] = {}
    for base, amending in _LinkFinder(list(documents), lines_of, summaries).find():
        links.setdefault(base.id, []).append(amending)
    return {doc_id: tuple(amending) for doc_id, amending in links.items()}


class _LinkFinder:
    """Finds pairs of a base document and a document that amends it."""

    def __init__(
        self, documents: Sequence[Document], lines_of: LinesOf, summaries: Mapping[str, AmendingSummary]
    ) -> None:
        self._documents = documents
        self._lines_of = lines_of
        self._summaries = summaries
        self._by_id = {document.id: document for document in documents}
        self._by_title = group_by_title(documents)

    def find(self) -> Iterator[tuple[Document, Document]]:
        """Yield the pairs: whole revisions first, then those of manifests and titles."""
        for document in self._documents:
            self._add_new_title(document)
        yield from self._whole_revisions()
        yield from self._replacements()
        for document in self._documents:
            if document.amends:
                bases = self._declared(document)
            elif titles := read_amending_title(document.title):
                bases = find_titled(titles.title, document, self._by_title) or self._named_in_text(document)
            else:
                bases = []
            for base in {base.id: base for base in bases}.values():
                yield base, document

    def _titles(self, document: Document) -> tuple[AmendedTitle, ...]:
        return self._summaries.get(document.id, AmendingSummary()).titles

    def _declared(self, document: Document) -> list[Document]:
        return [self._by_id[doc_id] for doc_id in document.amends if doc_id in self._by_id]

    def _titled(self, title: str, issuer: str) -> list[Document]:
        return self._by_title.get((issuer, base_title(title, issuer)), [])

    def _add_new_title(self, document: Document) -> None:
        """Add the title that a document gives another one (題名を次のように改める) to the known titles."""
        titles = read_amending_title(document.title)
        if titles is None or titles.is_repeal:
            return
        renamed = self._declared(document) if document.amends else self._titled(titles.title, document.issuer)
        for new in (new for named in self._titles(document) for new in named.new_titles) if len(renamed) == 1 else ():
            title = (document.issuer, base_title(new, document.issuer))
            self._by_title.setdefault(title, []).extend(renamed)

    def _whole_revisions(self) -> Iterator[tuple[Document, Document]]:
        """Yield the other of two documents of one title if the text of one says that it replaces it as a whole."""
        for (issuer, title), same in self._by_title.items():
            if len(same) != 2 or not RULE_TITLE.search(title):
                continue
            for document, other in permutations(same):
                if not document.amends and any(
                    named.is_replaced and same_title(named.title, title, issuer) for named in self._titles(document)
                ):
                    yield other, document

    def _replacements(self) -> Iterator[tuple[Document, Document]]:
        """Yield the document that one with a title of another kind replaces (X規則の全部を改正する。)."""
        for document in self._documents:
            is_rule = not document.amends and RULE_TITLE.search(document.title)
            if not is_rule or read_amending_title(document.title) or not _says_it_replaces(self._lines_of(document.id)):
                continue
            for named in self._titles(document):
                for base in find_titled(named.title, document, self._by_title) if named.is_replaced else ():
                    yield base, document

    def _named_in_text(self, document: Document) -> list[Document]:
        """Return the documents that the introductions in an amending document name, by title and number."""
        bases: list[Document] = []
        for named in self._titles(document):
            candidates = find_titled(named.title, document, self._by_title)
            if not candidates and named.number:
                same = self._titled(named.title, document.issuer)
                candidates = [base for base in same if base.id != document.id and self._has_number(base, named.number)]
            bases += candidates if len(candidates) == 1 else []
        return bases

    def _has_number(self, document: Document, number: str) -> bool:
        """Whether an amending document was promulgated under a number: 令和8年条例第6号."""
        year, own_number = self._summaries.get(document.id, AmendingSummary()).number
        match = PROMULGATION_NUMBER.search(nfkc(number))
        years = {mention.first.year for mention in dates(nfkc(number))}
        return bool(match and year) and years == {year} and int(read_number(match[1] if match else "")) == own_number
