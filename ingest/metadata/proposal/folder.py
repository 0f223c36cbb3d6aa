"""Proposes manifest entries for all documents of a folder."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ingest.chunking.document_reading import SUFFIXES
from ingest.corpus import Corpus
from ingest.errors import ManifestError, UnreadableDocumentError
from ingest.metadata.manifest import manifest_tables
from ingest.metadata.proposal.file import propose_with_limits
from ingest.metadata.proposal.file_evidence import ProposedValue
from ingest.metadata.proposal.series import FolderDocument, amended_documents, predecessors, same_files
from ingest.metadata.unlisted_files import is_document, make_id
from ingest.sandbox.limited_process import Limits

KEYS = ("title", "kind", "issuer", "published", "period", "supersedes", "amends", "aliases")
_RELATIONS = ("supersedes", "amends")
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ProposedEntry:
    """A proposed entry: `values` are the proposed values that `entry` lacks.

    `entry` is the existing manifest entry, empty for an unlisted file. `notes` are for the person who confirms it,
    such as an unreadable or duplicate file.
    """

    file: str
    id: str
    values: Mapping[str, ProposedValue]
    entry: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    readable: bool = True


def propose(folder: Path, limits: Limits, on_progress: OnProgress = lambda _done, _total: None) -> list[ProposedEntry]:
    """Return an entry for each document of `folder`: manifest entries in their order, then unlisted files.

    Raises ManifestError if the folder or its manifest cannot be read.
    """
    corpus = Corpus()
    tables = [table for table in manifest_tables(folder, corpus) if isinstance(table.get("file"), str)]
    if corpus.problems:
        raise ManifestError("\n".join(map(str, corpus.problems)))
    entries = {table["file"]: table for table in tables}
    files = [*entries, *(file for file in _files(folder) if file not in entries)]
    used_ids = {str(table.get("id")) for table in tables}
    proposals = []
    for index, file in enumerate(files):
        on_progress(index, len(files))
        proposals.append(_propose_document(folder, file, entries.get(file, {}), used_ids, limits))
        used_ids.add(proposals[-1].id)
    on_progress(len(files), len(files))
    return _add_relations(folder, proposals)


def _files(folder: Path) -> Iterable[str]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.suffix.lower() in SUFFIXES and is_document(path, name):
            yield name.as_posix()


def _propose_document(
    folder: Path, file: str, entry: Mapping[str, Any], used_ids: set[str], limits: Limits
) -> ProposedEntry:
    doc_id = str(entry.get("id") or make_id(Path(file), used_ids))
    path = folder / file
    if not path.is_file():
        return ProposedEntry(
            file,
            doc_id,
            {},
            entry,
            (f"ファイル「{file}」がありません。置くか、この項目を消してください。",),
            readable=False,
        )
    if all(key in entry for key in KEYS if key not in _RELATIONS):
        return ProposedEntry(file, doc_id, {}, entry)
    try:
        values = propose_with_limits(path, limits)
    except UnreadableDocumentError as error:
        name = ProposedValue(path.stem, "ファイル名（中身を読めませんでした）", sure=False)
        return ProposedEntry(
            file, doc_id, {} if "title" in entry else {"title": name}, entry, (str(error),), readable=False
        )
    return ProposedEntry(file, doc_id, {key: value for key, value in values.items() if key not in entry}, entry)


def _add_relations(folder: Path, proposals: Sequence[ProposedEntry]) -> list[ProposedEntry]:
    members = [_member(folder, proposal) for proposal in proposals]
    copies = same_files(members)
    older = predecessors(members)
    amended = amended_documents(members)
    files = {proposal.id: proposal.file for proposal in proposals}
    related = []
    for proposal in proposals:
        values = dict(proposal.values)
        notes = proposal.notes
        if proposal.id in older and "supersedes" not in proposal.entry:
            values["supersedes"] = older[proposal.id]
        if proposal.id in amended and "amends" not in proposal.entry:
            values["amends"] = amended[proposal.id]
        if proposal.id in copies:
            notes += (f"「{files[copies[proposal.id]]}」と同じ中身のファイルです。どちらかを消してください。",)
        related.append(replace(proposal, values=values, notes=notes))
    return related


def _member(folder: Path, proposal: ProposedEntry) -> FolderDocument:
    def known(key: str) -> Any:
        return proposal.entry.get(key) or (proposal.values[key].value if key in proposal.values else "")

    path = folder / proposal.file
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else proposal.file
    start = known("period")[0] if known("period") else known("published")
    return FolderDocument(
        proposal.id, str(known("title")), str(known("kind")), str(start), digest, str(known("issuer"))
    )
