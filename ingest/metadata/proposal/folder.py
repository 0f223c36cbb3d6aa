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
Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Proposal:
    """An entry: `values` are what could be said of the document, without what `entry` says already.

    `entry` is that of the manifest, empty for a file that it does not name. `notes` are for the person who confirms:
    that the file cannot be read, that it lies there twice.
    """

    file: str
    id: str
    values: Mapping[str, Value]
    entry: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    readable: bool = True


def propose(folder: Path, limits: Limits, told: Told = lambda _done, _total: None) -> list[Proposal]:
    """Return an entry for each document of `folder`: those of its manifest in their order, then the other files.

    Raises ManifestError where the folder or its manifest cannot be read.
    """
    corpus = Corpus()
    tables = [table for table in manifest_tables(folder, corpus) if isinstance(table.get("file"), str)]
    if corpus.problems:
        raise ManifestError("\n".join(map(str, corpus.problems)))
    named = {table["file"]: table for table in tables}
    files = [*named, *(file for file in _files(folder) if file not in named)]
    taken = {str(table.get("id")) for table in tables}
    found = []
    for at, file in enumerate(files):
        told(at, len(files))
        found.append(_propose_document(folder, file, named.get(file, {}), taken, limits))
        taken.add(found[-1].id)
    told(len(files), len(files))
    return _related(folder, found)


def _files(folder: Path) -> Iterable[str]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.suffix.lower() in SUFFIXES and is_document(path, name):
            yield name.as_posix()


def _propose_document(folder: Path, file: str, entry: Mapping[str, Any], taken: set[str], limits: Limits) -> Proposal:
    doc_id = str(entry.get("id") or make_id(Path(file), taken))
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


def _related(folder: Path, found: Sequence[Proposal]) -> list[Proposal]:
    """Return the proposals with what only the folder as a whole tells: predecessors, and files that lie there twice."""
    members = [_member(folder, one) for one in found]
    copies, older = same_files(members), predecessors(members)
    files = {one.id: one.file for one in found}
    related = []
    for one in found:
        values, notes = dict(one.values), one.notes
        if one.id in older and "supersedes" not in one.entry:
            values["supersedes"] = older[one.id]
        if one.id in copies:
            notes += (f"「{files[copies[one.id]]}」と同じ中身のファイルです。どちらかを消してください。",)
        related.append(replace(one, values=values, notes=notes))
    return related


def _member(folder: Path, one: Proposal) -> Member:
    def said(key: str) -> Any:
        return one.entry.get(key) or (one.values[key].value if key in one.values else "")

    path = folder / one.file
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else one.file
    start = said("period")[0] if said("period") else said("published")
    return Member(one.id, str(said("title")), str(said("kind")), str(start), digest)
