"""Recognises which documents of a corpus amend which: by the manifest, else by title and text."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingest.amendments.amending_document import read_amending_document
from ingest.amendments.document_lines import DocumentLine
from ingest.documents import Document
from ingest.japanese import normalise_without_spaces

LinesOf = Callable[[str], Sequence[DocumentLine]]
# X条例の一部を改正する条例; the last word is the kind of the amending document.
_AMENDING_TITLE = re.compile(
    r"^(?P<title>.+)(?:一部|全部)(?:を|の)?改正(?:する|について|に関する|の|$|\()|^(?P<repealed>.+?)(?:を廃止する|の廃止)"
)
_COLLECTIVE = re.compile(r"(?:整備|整理)に関する(?:条例|規則|要綱|規程)$")
_RULE_TITLE = re.compile(r"(?:条例|規則|要綱|要領|規程|細則|要項|内規)$")
_QUOTED = re.compile(r"[「『]([^「」『』]+)[」』]")


@dataclass(frozen=True, slots=True)
class AmendingTitle:
    """What the title of an amending document says: the title of the amended one."""

    title: str
    is_repeal: bool = False


def read_amending_title(title: str) -> AmendingTitle | None:
    """Return what an amending document's title says it amends; None for another document's title."""
    text = normalise_without_spaces(title)
    if _COLLECTIVE.search(text):
        return AmendingTitle("")
    match = _AMENDING_TITLE.match(text)
    if match is None:
        return None
    name = match["repealed"] or match["title"].removesuffix("の")
    quoted = _QUOTED.search(name)
    return AmendingTitle(quoted[1] if quoted else name, bool(match["repealed"]))


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
    same = by_title.get((document.issuer, _base_title(named.title, document.issuer)), [])
    if document.amends:
        same = [by_id[one] for one in document.amends if one in by_id]
    if len(same) != 1:
        return
    for text in read_amending_document(lines_of(document.id), document.title).texts:
        for operation in text.operations:
            if operation.place.part == "題名" and operation.action in {"replace", "replace_text"} and operation.new:
                title = (document.issuer, _base_title(operation.new, document.issuer))
                by_title.setdefault(title, []).extend(same)


def _add_whole_revisions(
    by_title: Mapping[tuple[str, str], Sequence[Document]], links: dict[str, list[Document]], lines_of: LinesOf
) -> None:
    """Add links to the other of two documents of one title where one's text says that it replaces it as a whole."""
    for (issuer, title), same in by_title.items():
        if len(same) != 2 or not _RULE_TITLE.search(title):  # noqa: PLR2004 -- one that replaces the other
            continue
        for document, other in (same, reversed(same)):
            texts = read_amending_document(lines_of(document.id), document.title).texts
            if not document.amends and any(
                one.action == "replace_all" and same_title(text.title, title, issuer)
                for text in texts
                for one in text.operations
            ):
                links.setdefault(other.id, []).append(document)


def same_title(one: str, other: str, issuer: str) -> bool:
    """Whether two titles name the same document; the municipality's name may be left out."""
    return _base_title(one, issuer) == _base_title(other, issuer)


def _base_title(title: str, issuer: str) -> str:
    text = normalise_without_spaces(title)
    text = re.sub(r"\([^()]*\)$", "", text)
    own = normalise_without_spaces(issuer)
    return text.removeprefix(own) if own else text


def find_links(documents: Iterable[Document], lines_of: LinesOf) -> Mapping[str, tuple[Document, ...]]:
    """Return the documents that amend each document, by its id: as manifests say, else as titles say.

    A title means a document of the same issuer, and none where more than one has it. Where an amending document's title
    names none (X条例等の一部を改正する条例), the introductions in its text do.
    """
    known = list(documents)
    by_id = {document.id: document for document in known}
    by_title: dict[tuple[str, str], list[Document]] = {}
    for document in known:
        by_title.setdefault((document.issuer, _base_title(document.title, document.issuer)), []).append(document)
    links: dict[str, list[Document]] = {}
    for document in known:
        _add_renamed(document, by_id, by_title, lines_of)
    _add_whole_revisions(by_title, links, lines_of)
    for document in known:
        amended = [by_id[one] for one in document.amends if one in by_id]
        if not document.amends and (named := read_amending_title(document.title)):
            titles: Iterable[str] = (named.title,)
            if (document.issuer, _base_title(named.title, document.issuer)) not in by_title:
                titles = read_amending_document(lines_of(document.id), document.title).titles
            for title in dict.fromkeys(titles):
                same = by_title.get((document.issuer, _base_title(title, document.issuer)), [])
                amended += [one for one in same if one.id != document.id] if len(same) == 1 else []
            amended = list({one.id: one for one in amended}.values())
        for one in amended:
            links.setdefault(one.id, []).append(document)
    return {doc_id: tuple(amending) for doc_id, amending in links.items()}
