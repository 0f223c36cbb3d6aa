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
from ingest.metadata.proposal.series import Member, predecessors, same_files
from ingest.metadata.proposal.value import Value
from ingest.metadata.unlisted_files import is_document, make_id
from ingest.sandbox.parallel import Limits

KEYS = ("title", "kind", "issuer", "published", "period", "supersedes", "aliases")
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed entry: `values` are the proposed values that `entry` lacks.

    `entry` is the existing manifest entry, empty for an unlisted file. `notes` are for the person who confirms it,
    such as an unreadable or duplicate file.
    """

    file: str
    id: str
    values: Mapping[str, Value]
    entry: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    readable: bool = True


def propose(folder: Path, limits: Limits, on_progress: OnProgress = lambda _done, _total: None) -> list[Proposal]:
    """Return an entry for each document of `folder`: manifest entries in their order, then unlisted files.

    Raises ManifestError if the folder or its manifest cannot be read.
    """
    corpus = Corpus()
    tables = [table for table in manifest_tables(folder, corpus) if isinstance(table.get("file"), str)]
    if corpus.problems:
        raise ManifestError("\n".join(map(str, corpus.problems)))
    named = {table["file"]: table for table in tables}
    files = [*named, *(file for file in _files(folder) if file not in named)]
    used_ids = {str(table.get("id")) for table in tables}
    proposals = []
    for at, file in enumerate(files):
        on_progress(at, len(files))
        proposals.append(_propose_document(folder, file, named.get(file, {}), used_ids, limits))
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
) -> Proposal:
    doc_id = str(entry.get("id") or make_id(Path(file), used_ids))
    path = folder / file
    if not path.is_file():
        return Proposal(
            file,
            doc_id,
            {},
            entry,
            (f"ファイル「{file}」がありません。置くか、この項目を消してください。",),
            readable=False,
        )
    if all(key in entry for key in KEYS if key != "supersedes"):
        return Proposal(file, doc_id, {}, entry)
    try:
        values = propose_with_limits(path, limits)
    except UnreadableDocumentError as error:
        name = Value(path.stem, "ファイル名（中身を読めませんでした）", sure=False)
        return Proposal(file, doc_id, {} if "title" in entry else {"title": name}, entry, (str(error),), readable=False)
    return Proposal(file, doc_id, {key: value for key, value in values.items() if key not in entry}, entry)


def _add_relations(folder: Path, proposals: Sequence[Proposal]) -> list[Proposal]:
    """Return the proposals with what depends on other files: predecessors and duplicates."""
    members = [_member(folder, one) for one in proposals]
    copies, older = same_files(members), predecessors(members)
    files = {one.id: one.file for one in proposals}
    related = []
    for one in proposals:
        values, notes = dict(one.values), one.notes
        if one.id in older and "supersedes" not in one.entry:
            values["supersedes"] = older[one.id]
        if one.id in copies:
            notes += (f"「{files[copies[one.id]]}」と同じ中身のファイルです。どちらかを消してください。",)
        related.append(replace(one, values=values, notes=notes))
    return related


def _member(folder: Path, one: Proposal) -> Member:
    def known(key: str) -> Any:
        return one.entry.get(key) or (one.values[key].value if key in one.values else "")

    path = folder / one.file
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else one.file
    start = known("period")[0] if known("period") else known("published")
    return Member(one.id, str(known("title")), str(known("kind")), str(start), digest)
