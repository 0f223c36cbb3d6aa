"""Finds duplicate ids, files and contents, and cycles of `supersedes` and `amends`."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from ingest.corpus import CorpusEntry, CorpusFinding, FindingKind, printable_name

# Relations that must not form a cycle, each with what to check.
_RELATIONS = {"supersedes": "どれが新しいか", "amends": "どれがどれを改正するか"}
_EMPTY = hashlib.sha256().hexdigest()


def find_broken_relations(entries: Sequence[CorpusEntry]) -> list[CorpusFinding]:
    """Return duplicate ids and files, and cycles of `supersedes` and `amends`, over all folders."""
    cycles = (finding for name, advice in _RELATIONS.items() for finding in _find_cycles(entries, name, advice))
    return [*_find_duplicates(entries), *cycles]


def find_unknown_amended(entries: Sequence[CorpusEntry]) -> list[CorpusFinding]:
    """Return a warning for each id in `amends` that no document has."""
    known_ids = {entry.document.id for entry in entries}
    return [
        entry.finding(f"amends の「{doc_id}」という文書はありません。id を確かめるか、その文書も置いてください。")
        for entry in entries
        for doc_id in entry.document.amends
        if doc_id not in known_ids
    ]


def find_duplicate_files(entries: Sequence[CorpusEntry]) -> list[CorpusFinding]:
    """Return the non-empty files whose content equals another file's."""
    first: dict[str, CorpusEntry] = {}
    duplicates = []
    for entry in entries:
        other = first.setdefault(entry.content, entry)
        if other is not entry and other.path != entry.path and entry.content != _EMPTY:
            other_name = printable_name(other.path.name)
            text = f"{printable_name(entry.path.name)}: 「{other_name}」と同じ中身です。どちらかを消してください。"
            duplicates.append(entry.finding(text, FindingKind.DOUBLE))
    return duplicates


def _find_duplicates(entries: Sequence[CorpusEntry]) -> Iterator[CorpusFinding]:
    first: dict[str, CorpusEntry] = {}
    for entry in entries:
        for label in (f"id「{entry.document.id}」", f"ファイル「{entry.path}」"):
            other = first.setdefault(label, entry)
            if other is not entry:
                location = other.finding("").location
                yield entry.finding(f"{label}が二つあります（もう一つは {location}）。どちらかを直してください。")


def _find_cycles(entries: Sequence[CorpusEntry], relation: str, advice: str) -> Iterator[CorpusFinding]:
    related: dict[str, tuple[str, ...]] = {entry.document.id: getattr(entry.document, relation) for entry in entries}
    reported: set[str] = set()
    for entry in entries:
        chain = _shortest_cycle(entry.document.id, related)
        if chain and not reported & set(chain):
            reported |= set(chain)
            yield entry.finding(f"{relation} が輪になっています（{' → '.join(chain)}）。{advice}を確かめてください。")


def _shortest_cycle(start: str, related: Mapping[str, Sequence[str]]) -> list[str]:
    chains = [[start]]
    messages = {""}
    for chain in chains:
        others = related.get(chain[-1], ())
        if start in others:
            return [*chain, start]
        chains += [[*chain, doc_id] for doc_id in others if doc_id not in messages]
        messages |= set(others)
    return []
