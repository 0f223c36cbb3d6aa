"""Consolidates the amended documents of a corpus at build, in limited processes, and reads what is stored of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from ingest.documents import Document
from ingest.errors import IngestError
from ingest.index.artefacts import read_artefact, write_artefact
from ingest.index.passages import PassageStore
from ingest.metadata.amending_titles import RULE_TITLE, base_title, read_amending_title, same_title
from ingest.metadata.validity import published_on
from ingest.provisions.amending_document import read_amending_document, read_named_titles, read_new_titles
from ingest.provisions.consolidation import Amendment, Consolidation, consolidate
from ingest.provisions.document_lines import DocumentLine, document_lines
from ingest.provisions.effect import DayOfEffect, Effect, read_effect
from ingest.provisions.operations import Action, AmendedText, AmendmentOperation
from ingest.provisions.provisions import Provision, parse_provisions
from ingest.sandbox.limited_process import ChildEndedError, Limits, map_in_workers, raise_before_limit

_KIND = "consolidation"
_LINKS = "links"
# For one document; the second limit is that of the wall clock, since the processes have a low priority.
_LIMITS = Limits(cpu_s=5, wall_s=30, memory_bytes=2 << 30, result_bytes=8 << 20)
_TOO_MUCH_WORK = "改正を当てはめるのに時間かメモリーがかかりすぎるので、途中でやめました"
_NOTHING_READ = "改正の内容を読み取れません"
_REAMENDED = "この改正を改める別の改正があるため、当てはめていません"
_CACHED = 64
_CONSOLIDATION: TypeAdapter[Consolidation] = TypeAdapter(Consolidation)
_LINKS_ADAPTER: TypeAdapter[dict[str, tuple[str, ...]]] = TypeAdapter(dict[str, tuple[str, ...]])


class _Task(NamedTuple):
    """A base document and those that amend it, each with its lines; `reamended` are the ids of those amended again."""

    base: tuple[Document, Sequence[DocumentLine]]
    amending: tuple[tuple[Document, Sequence[DocumentLine]], ...]
    reamended: frozenset[str]


LinesOf = Callable[[str], Sequence[DocumentLine]]
"""Returns the lines of a document by its id."""
Run = Callable[[Callable[[Any], bytes], Sequence[Any]], Iterator[tuple[int, bytes | None]]]
"""Yields the position of each item with `function` of it, None for one that exceeds limits."""


def run_sandboxed(function: Callable[[Any], bytes], items: Sequence[Any]) -> Iterator[tuple[int, bytes | None]]:
    """Run a function on each item in processes with limits on time and memory."""
    try:
        yield from map_in_workers(function, items, _LIMITS)
    except ChildEndedError as error:
        raise IngestError(
            "改正を当てはめるプロセスを始められません。メモリーの空きとプロセスの数の上限を確かめてください。"
        ) from error


def run_here(function: Callable[[Any], bytes], items: Sequence[Any]) -> Iterator[tuple[int, bytes | None]]:
    """Run a function on each item in this process, without limits; for documents of one's own."""
    yield from ((n, function(item)) for n, item in enumerate(items))


def consolidate_documents(
    documents: Sequence[Document], lines_of: LinesOf, run: Run = run_sandboxed
) -> Iterator[Consolidation]:
    """Yield each document that others of a corpus amend, with its amendments."""
    by_id = {document.id: document for document in documents}
    links = _find_links(documents, lines_of)
    tasks = [
        _Task(
            (by_id[doc_id], lines_of(doc_id)),
            tuple((by_id[amending], lines_of(amending)) for amending in of_base),
            frozenset(links).intersection(of_base),
        )
        for doc_id, of_base in links.items()
    ]
    for n, content in run(_consolidate, tasks):
        yield _CONSOLIDATION.validate_json(content) if content else _decline_all(tasks[n], parse_provisions(()))


def _find_links(documents: Sequence[Document], lines_of: LinesOf) -> dict[str, list[str]]:
    """Return the ids of the documents that amend each document: as manifests say, else as titles and texts say.

    A title means the only other document of the same issuer that has it, or that is given it by an amendment.
    """
    ids = {document.id for document in documents}
    titled: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for document in documents:
        titled[document.issuer, base_title(document.title, document.issuer)].append(document.id)

    def find(title: str, amending: Document) -> list[str]:
        found = titled.get((amending.issuer, base_title(title, amending.issuer)), [])
        return [doc_id for doc_id in found if doc_id != amending.id]

    links: defaultdict[str, list[str]] = defaultdict(list)
    for document in sorted(documents, key=lambda document: document.published):
        amended = read_amending_title(document.title)
        if not (document.amends or amended or RULE_TITLE.search(document.title)):
            continue
        lines = lines_of(document.id)
        bases = [doc_id for doc_id in document.amends if doc_id in ids]
        if not document.amends:
            bases = find(amended.title, document) if amended else []
            named = [find(title, document) for title in read_named_titles(lines, is_whole=amended is None)]
            # All amendments of one title, since a text that amends one of them is not applied to it.
            is_clear = len(bases) == 1 or (amended and read_amending_title(amended.title))
            bases = bases if is_clear else [doc_id for found in named if len(found) == 1 for doc_id in found]
        for doc_id in dict.fromkeys(bases):
            links[doc_id].append(document.id)
            for title in read_new_titles(lines) if amended else ():
                titled[document.issuer, base_title(title, document.issuer)].append(doc_id)
    return links


def _consolidate(task: _Task) -> bytes:
    base, lines = task.base
    root = parse_provisions(())
    try:
        with raise_before_limit(TimeoutError()):
            root = parse_provisions(lines, base.title)
            amendments = [_read_amendment(task, *amending) for amending in task.amending]
            consolidation = consolidate(base.id, root, amendments)
    except TimeoutError:
        consolidation = _decline_all(task, root)
    return _CONSOLIDATION.dump_json(consolidation)


def _decline_all(task: _Task, root: Provision) -> Consolidation:
    amendments = [_decline(document, _TOO_MUCH_WORK) for document, _ in task.amending]
    return consolidate(task.base[0].id, root, amendments)


def _decline(document: Document, reason: str) -> Amendment:
    operation = AmendmentOperation(Action.UNREAD, sentence=document.title, problem=reason)
    return Amendment(document.id, (AmendedText("", (operation,)),), Effect(None, 0, DayOfEffect(None, reason)))


def _read_amendment(task: _Task, document: Document, lines: Sequence[DocumentLine]) -> Amendment:
    text = read_amending_document(lines, document.title)
    effect = read_effect(text.opening, text.supplement, published_on(document))
    texts = tuple(item for item in text.texts if _is_about(item, task.base[0], document))
    operations = [operation for item in texts for operation in item.operations]
    if not operations:
        return replace(_decline(document, _NOTHING_READ), effect=effect)
    is_revision = any(operation.action is Action.REPLACE_ALL for operation in operations)
    if document.id in task.reamended and not is_revision:
        return _decline(document, _REAMENDED)
    return Amendment(document.id, texts, effect)


def _is_about(text: AmendedText, base: Document, amending: Document) -> bool:
    """Whether an amended text is that of the base document.

    A text without a title is what the document's title says, and so is a text with that title, which may be an earlier
    or later title of the base document.
    """
    titles = read_amending_title(amending.title)
    names = (*((titles.title,) if titles else ()), base.title, *base.aliases)
    return not text.title or any(same_title(text.title, name, base.issuer) for name in names)


def may_amend_or_be_amended(document: Document) -> bool:
    """Whether a document may amend others or be amended, by its title and manifest."""
    return bool(document.amends or RULE_TITLE.search(document.title) or read_amending_title(document.title))


def compile_consolidations(store: PassageStore) -> None:
    """Write the consolidation of each amended document into the folder of an index that is not active yet."""

    @lru_cache(maxsize=_CACHED)
    def lines_of(doc_id: str) -> list[DocumentLine]:
        return document_lines(store.document_passages(doc_id), store.dropped_lines(doc_id))

    links: dict[str, tuple[str, ...]] = {}
    for consolidation in consolidate_documents(store.documents, lines_of):
        links[consolidation.doc_id] = consolidation.amending
        write_artefact(store.folder, _KIND, consolidation.doc_id, _CONSOLIDATION.dump_json(consolidation))
    if links:
        write_artefact(store.folder, _LINKS, _KIND, _LINKS_ADAPTER.dump_json(links))


class Consolidations:
    """The consolidations stored with an index; safe to share between threads.

    Those with a document that is not served are left out, since they would state its content.

    Attributes:
        links: the ids of the documents that amend each document, by its id.
    """

    def __init__(self, folder: Path, served: Iterable[str]) -> None:
        """Read the links in the folder of an index; `served` are the ids of its documents."""
        ids = frozenset(served)
        stored = read_artefact(folder, _LINKS, _KIND)
        links = _LINKS_ADAPTER.validate_json(stored) if stored else {}
        self.links = {base: amending for base, amending in links.items() if ids.issuperset((base, *amending))}

        def read(doc_id: str) -> Consolidation | None:
            content = read_artefact(folder, _KIND, doc_id)
            return _CONSOLIDATION.validate_json(content) if content else None

        self._read = lru_cache(maxsize=_CACHED)(read)

    def find(self, doc_id: str) -> Consolidation | None:
        """Return a document with its amendments; None for one that no document amends."""
        return self._read(doc_id) if doc_id in self.links else None

    def amended_by(self, doc_id: str) -> tuple[str, ...]:
        """Return the ids of the documents that a document amends."""
        return tuple(base for base, amending in self.links.items() if doc_id in amending)

    def bases_of(self, doc_id: str) -> tuple[str, ...]:
        """Return the ids of the documents that a document amends, itself included if others amend it."""
        return (*((doc_id,) if doc_id in self.links else ()), *self.amended_by(doc_id))
