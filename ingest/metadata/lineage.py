"""Finds duplicate ids, files and contents, and cycles of `supersedes`."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from ingest.corpus import CorpusEntry, Finding, FindingKind, printable_name

_EMPTY = hashlib.sha256().hexdigest()


def find_broken_relations(entries: Sequence[CorpusEntry]) -> list[Finding]:
    """Return duplicate ids and files, and cycles of `supersedes`, over all folders."""
    return [*_find_duplicates(entries), *_find_cycles(entries)]


def find_duplicate_files(entries: Sequence[CorpusEntry]) -> list[Finding]:
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


def _find_duplicates(entries: Sequence[CorpusEntry]) -> Iterator[Finding]:
    first: dict[str, CorpusEntry] = {}
    for entry in entries:
        for label in (f"id「{entry.document.id}」", f"ファイル「{entry.path}」"):
            other = first.setdefault(label, entry)
            if other is not entry:
                location = other.finding("").location
                yield entry.finding(f"{label}が二つあります（もう一つは {location}）。どちらかを直してください。")


def _find_cycles(entries: Sequence[CorpusEntry]) -> Iterator[Finding]:
    """Yield a finding for each cycle of `supersedes`."""
    by_id = {entry.document.id: entry for entry in entries}
    reported: set[str] = set()
    for doc_id, entry in by_id.items():
        chain = _shortest_cycle(doc_id, by_id)
        if chain and not reported & set(chain):
            reported |= set(chain)
            yield entry.finding(
                f"supersedes が輪になっています（{' → '.join(chain)}）。どれが新しいかを確かめてください。"
            )


def _shortest_cycle(start: str, by_id: Mapping[str, CorpusEntry]) -> list[str]:
    """Return the shortest chain of `supersedes` from `start` back to it; empty without a cycle."""
    chains, seen = [[start]], {""}
    for chain in chains:
        older = by_id[chain[-1]].document.supersedes if chain[-1] in by_id else ()
        if start in older:
            return [*chain, start]
        chains += [[*chain, doc_id] for doc_id in older if doc_id not in seen]
        seen |= set(older)
    return []
