"""Recognises which documents of a corpus amend which: by the manifest, else by title and text."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import permutations

from ingest.amendments.addresses import read_number
from ingest.amendments.amending_document import AmendingDocument, read_amending_document
from ingest.amendments.document_lines import DocumentLine
from ingest.amendments.effect import PROMULGATION_NUMBER, read_effect
from ingest.amendments.operations import Action, AmendedText
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

LinesOf = Callable[[str], Sequence[DocumentLine]]
"""Returns the lines of a document by its id."""
# Lines at the start of a document in which it says that it replaces another one.
_OPENING_LINES = 12
_TITLE_ACTIONS = frozenset({Action.REPLACE, Action.REPLACE_TEXT})


def find_links(documents: Iterable[Document], lines_of: LinesOf) -> Mapping[str, tuple[Document, ...]]:
    """Return the documents that amend each document, by its id: as manifests say, else as titles say.

    A title means a document of the same issuer, and none if several have it. If an amending document's title names none
    (X条例等の一部を改正する条例), the introductions in its text do.
    """
    finder = _LinkFinder(list(documents), lines_of)
    links: dict[str, list[Document]] = {}
    for base, amending in finder.find():
        links.setdefault(base.id, []).append(amending)
    return {doc_id: tuple(amending) for doc_id, amending in links.items()}


class _LinkFinder:
    """Finds pairs of a base document and a document that amends it."""

    def __init__(self, documents: Sequence[Document], lines_of: LinesOf) -> None:
        self._documents = documents
        self._lines_of = lines_of
        self._by_id = {document.id: document for document in documents}
        self._by_title = group_by_title(documents)

    def find(self) -> Iterator[tuple[Document, Document]]:
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

    def _read(self, document: Document) -> AmendingDocument:
        return read_amending_document(self._lines_of(document.id), document.title)

    def _declared(self, document: Document) -> list[Document]:
        return [self._by_id[doc_id] for doc_id in document.amends if doc_id in self._by_id]

    def _titled(self, title: str, issuer: str) -> list[Document]:
        return self._by_title.get((issuer, base_title(title, issuer)), [])

    def _add_new_title(self, document: Document) -> None:
        titles = read_amending_title(document.title)
        if titles is None or titles.is_repeal:
            return
        renamed = self._declared(document) if document.amends else self._titled(titles.title, document.issuer)
        if len(renamed) != 1:
            return
        for text in self._read(document).texts:
            for operation in text.operations:
                if operation.place.part == "題名" and operation.action in _TITLE_ACTIONS and operation.new:
                    title = (document.issuer, base_title(operation.new, document.issuer))
                    self._by_title.setdefault(title, []).extend(renamed)

    def _whole_revisions(self) -> Iterator[tuple[Document, Document]]:
        for (issuer, title), same in self._by_title.items():
            if len(same) != 2 or not RULE_TITLE.search(title):
                continue
            for document, other in permutations(same):
                is_revision = not document.amends and any(
                    _replaces_all(text) and same_title(text.title, title, issuer) for text in self._read(document).texts
                )
                if is_revision:
                    yield other, document

    def _replacements(self) -> Iterator[tuple[Document, Document]]:
        for document in self._documents:
            if document.amends or not RULE_TITLE.search(document.title) or read_amending_title(document.title):
                continue
            opening = self._lines_of(document.id)[:_OPENING_LINES]
            if not any("全部を改正する" in line.normal for line in opening):
                continue
            for text in filter(_replaces_all, self._read(document).texts):
                for base in find_titled(text.title, document, self._by_title):
                    yield base, document

    def _named_in_text(self, document: Document) -> list[Document]:
        bases: list[Document] = []
        for text in self._read(document).texts:
            candidates = find_titled(text.title, document, self._by_title)
            if not candidates and text.number:
                same = self._titled(text.title, document.issuer)
                candidates = [base for base in same if base.id != document.id and self._has_number(base, text.number)]
            bases += candidates if len(candidates) == 1 else []
        return bases

    def _has_number(self, document: Document, number: str) -> bool:
        amending = self._read(document)
        effect = read_effect(amending.opening, amending.supplement, None)
        match = PROMULGATION_NUMBER.search(nfkc(number))
        years = {mention.first.year for mention in dates(nfkc(number))}
        if effect.promulgated is None or match is None:
            return False
        return years == {effect.promulgated.year} and int(read_number(match[1])) == effect.number


def _replaces_all(text: AmendedText) -> bool:
    return any(operation.action is Action.REPLACE_ALL for operation in text.operations)
