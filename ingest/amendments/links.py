"""Recognises which documents of a corpus amend which: by the manifest, else by title and text."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from ingest.amendments.addresses import read_number
from ingest.amendments.amending_document import read_amending_document
from ingest.amendments.document_lines import DocumentLine
from ingest.amendments.effect import PROMULGATION_NUMBER, read_effect
from ingest.amendments.operations import Action
from ingest.documents import Document
from ingest.japanese import dates, nfkc
from ingest.metadata.amending_titles import (
    RULE_TITLE,
    Titles,
    base_title,
    find_titled,
    group_by_title,
    read_amending_title,
    same_title,
)

LinesOf = Callable[[str], Sequence[DocumentLine]]


def _add_renamed(
    document: Document,
    by_id: Mapping[str, Document],
    by_title: dict[tuple[str, str], list[Document]],
    lines_of: LinesOf,
) -> None:
    """Add the title that a document gives another one (題名を次のように改める) to the known titles."""
    named = read_amending_title(document.title)
    if named is None or named.is_repeal:
        return
    same = by_title.get((document.issuer, base_title(named.title, document.issuer)), [])
    if document.amends:
        same = [by_id[one] for one in document.amends if one in by_id]
    if len(same) != 1:
        return
    for text in read_amending_document(lines_of(document.id), document.title).texts:
        for operation in text.operations:
            if (
                operation.place.part == "題名"
                and operation.action in {Action.REPLACE, Action.REPLACE_TEXT}
                and operation.new
            ):
                title = (document.issuer, base_title(operation.new, document.issuer))
                by_title.setdefault(title, []).extend(same)


def _add_whole_revisions(
    by_title: Mapping[tuple[str, str], Sequence[Document]], links: dict[str, list[Document]], lines_of: LinesOf
) -> None:
    """Add links to the other of two documents of one title where one's text says that it replaces it as a whole."""
    for (issuer, title), same in by_title.items():
        if len(same) != 2 or not RULE_TITLE.search(title):
            continue
        for document, other in (same, reversed(same)):
            texts = read_amending_document(lines_of(document.id), document.title).texts
            if not document.amends and any(
                one.action is Action.REPLACE_ALL and same_title(text.title, title, issuer)
                for text in texts
                for one in text.operations
            ):
                links.setdefault(other.id, []).append(document)


# Lines at the start of a document in which it says that it replaces another one.
_OPENING_LINES = 12


def _add_replacements(
    documents: Sequence[Document], by_title: Titles, links: dict[str, list[Document]], lines_of: LinesOf
) -> None:
    """Add links to the document that one with a title of its own replaces (X規則の全部を改正する。)."""
    for document in documents:
        if document.amends or not RULE_TITLE.search(document.title) or read_amending_title(document.title):
            continue
        lines = lines_of(document.id)
        if not any("全部を改正する" in line.normal for line in lines[:_OPENING_LINES]):
            continue
        for text in read_amending_document(lines, document.title).texts:
            for base in find_titled(text.title, document, by_title):
                if any(one.action is Action.REPLACE_ALL for one in text.operations):
                    links.setdefault(base.id, []).append(document)


def find_links(documents: Iterable[Document], lines_of: LinesOf) -> Mapping[str, tuple[Document, ...]]:
    """Return the documents that amend each document, by its id: as manifests say, else as titles say.

    A title means a document of the same issuer, and none where more than one has it. Where an amending document's title
    names none (X条例等の一部を改正する条例), the introductions in its text do.
    """
    known = list(documents)
    by_id = {document.id: document for document in known}
    by_title = group_by_title(known)
    links: dict[str, list[Document]] = {}
    for document in known:
        _add_renamed(document, by_id, by_title, lines_of)
    _add_whole_revisions(by_title, links, lines_of)
    _add_replacements(known, by_title, links, lines_of)
    for document in known:
        amended = [by_id[one] for one in document.amends if one in by_id]
        if not document.amends and (named := read_amending_title(document.title)):
            amended = find_titled(named.title, document, by_title) or _find_named_in_text(document, by_title, lines_of)
        for one in {one.id: one for one in amended}.values():
            links.setdefault(one.id, []).append(document)
    return {doc_id: tuple(amending) for doc_id, amending in links.items()}


def _find_named_in_text(document: Document, by_title: Titles, lines_of: LinesOf) -> list[Document]:
    """Return the documents that the introductions in an amending document name, by title and number."""
    found: list[Document] = []
    for text in read_amending_document(lines_of(document.id), document.title).texts:
        candidates = find_titled(text.title, document, by_title)
        if not candidates and text.number:
            same = by_title.get((document.issuer, base_title(text.title, document.issuer)), [])
            candidates = [one for one in same if one.id != document.id and _has_number(one, text.number, lines_of)]
        found += candidates if len(candidates) == 1 else []
    return found


def _has_number(document: Document, number: str, lines_of: LinesOf) -> bool:
    """Whether an amending document was promulgated under a number: 令和8年条例第6号."""
    amending = read_amending_document(lines_of(document.id), document.title)
    effect = read_effect(amending.opening, amending.supplement, None)
    written = PROMULGATION_NUMBER.search(nfkc(number))
    years = {mention.first.year for mention in dates(nfkc(number))}
    return (
        effect.promulgated is not None
        and years == {effect.promulgated.year}
        and written is not None
        and int(read_number(written[1])) == effect.number
    )
