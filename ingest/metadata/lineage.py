"""Finds duplicate ids, files and contents, and cycles of `supersedes`."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from ingest.corpus import CorpusEntry, Finding, FindingKind, printable_name

_EMPTY = hashlib.sha256().hexdigest()


def find_broken_relations(entries: Sequence[CorpusEntry]) -> list[Finding]:
    """Return what is wrong between entries, over all folders."""
    return [*_find_duplicates(entries), *_find_cycles(entries)]


def find_duplicate_files(entries: Sequence[CorpusEntry]) -> list[Finding]:
    """Return which files hold the same as another, byte by byte; an empty file is not like another one."""
    first: dict[str, CorpusEntry] = {}
    found = []
    for entry in entries:
        other = first.setdefault(entry.content, entry)
        if other is not entry and other.path != entry.path and entry.content != _EMPTY:
            same = printable_name(other.path.name)
            text = f"{printable_name(entry.path.name)}: 「{same}」と同じ中身です。どちらかを消してください。"
            found.append(entry.finding(text, FindingKind.DOUBLE))
    return found


def _find_duplicates(entries: Sequence[CorpusEntry]) -> Iterator[Finding]:
    first: dict[str, CorpusEntry] = {}
    for entry in entries:
        for said in (f"id「{entry.document.id}」", f"ファイル「{entry.path}」"):
            other = first.setdefault(said, entry)
            if other is not entry:
                place = other.finding("").location
                yield entry.finding(f"{said}が二つあります（もう一つは {place}）。どちらかを直してください。")


def _find_cycles(entries: Sequence[CorpusEntry]) -> Iterator[Finding]:
    """Find chains of `supersedes` that come back to where they began; each is named once."""
    by_id = {entry.document.id: entry for entry in entries}
    done: set[str] = set()
    for doc_id, entry in by_id.items():
        chain = _shortest_cycle(doc_id, by_id)
        if chain and not done & set(chain):
            done |= set(chain)
            yield entry.finding(
                f"supersedes が輪になっています（{' → '.join(chain)}）。どれが新しいかを確かめてください。"
            )


def _shortest_cycle(start: str, by_id: Mapping[str, CorpusEntry]) -> list[str]:
    """Return the shortest chain of supersedes from `start` back to it; empty where there is none."""
    chains, seen = [[start]], {""}
    for chain in chains:
        older = by_id[chain[-1]].document.supersedes if chain[-1] in by_id else ()
        if start in older:
            return [*chain, start]
        chains += [[*chain, doc_id] for doc_id in older if doc_id not in seen]
        seen |= set(older)
    return []
