"""Proposes the manifest of a folder and writes it, with a comment per value; existing values stay."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ingest.configuration.storage import replace_text
from ingest.corpus import MANIFEST, Corpus
from ingest.errors import ManifestError, UnreadableDocumentError
from ingest.metadata.added_documents import to_toml_value
from ingest.metadata.manifest import manifest_tables
from ingest.metadata.proposal import ProposedValue, propose_predecessors, propose_with_limits
from ingest.metadata.unlisted_files import is_document, make_id
from ingest.readers import SUFFIXES
from ingest.sandbox.limited_process import Limits

KEYS = ("title", "kind", "issuer", "published", "period", "supersedes")
_HEADER = re.compile(r"\s*\[\[\s*document\s*\]\]")
_FIRST_LINES = ("# 文書から読み取った案です。「確か」でない値は確かめて、行の先頭の「# 」を消すと使われます。", "")
# What a person fills in if nothing was read.
_EMPTY_VALUES = {"issuer": "", "published": "", "period": ["", ""]}


@dataclass(frozen=True, slots=True)
class ProposedEntry:
    """A proposed entry: `values` are the proposed values that `entry` lacks.

    `entry` is the existing manifest entry, empty for an unlisted file. `notes` are for the person who confirms it.
    """

    file: str
    id: str
    values: Mapping[str, ProposedValue]
    entry: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    readable: bool = True


def propose(
    folder: Path, limits: Limits, on_progress: Callable[[int, int], None] = lambda _done, _total: None
) -> list[ProposedEntry]:
    """Return an entry for each document of `folder`: manifest entries in their order, then unlisted files.

    Raises ManifestError if the folder or its manifest cannot be read.
    """
    corpus = Corpus()
    tables = [table for table in manifest_tables(folder, corpus) if isinstance(table.get("file"), str)]
    if corpus.problems:
        raise ManifestError("\n".join(map(str, corpus.problems)))
    entries = {table["file"]: table for table in tables}
    names = {path: path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES}
    files = [*entries, *(name.as_posix() for path, name in names.items() if is_document(path, name))]
    used_ids = {str(table.get("id")) for table in tables}
    proposals = []
    for index, file in enumerate(files := list(dict.fromkeys(files))):
        on_progress(index, len(files))
        proposals.append(_propose_document(folder, file, entries.get(file, {}), used_ids, limits))
        used_ids.add(proposals[-1].id)
    on_progress(len(files), len(files))
    predecessors = propose_predecessors(
        {one.id: str(one.entry.get("title") or one.values["title"].value) for one in proposals if one.readable}
    )
    return [
        replace(one, values={**one.values, "supersedes": predecessors[one.id]})
        if one.id in predecessors and "supersedes" not in one.entry
        else one
        for one in proposals
    ]


def _propose_document(
    folder: Path, file: str, entry: Mapping[str, Any], used_ids: set[str], limits: Limits
) -> ProposedEntry:
    doc_id = str(entry.get("id") or make_id(Path(file), used_ids))
    path = folder / file
    if not path.is_file():
        note = f"ファイル「{file}」がありません。置くか、この項目を消してください。"
        return ProposedEntry(file, doc_id, {}, entry, (note,), readable=False)
    try:
        values = propose_with_limits(path, limits)
    except UnreadableDocumentError as error:
        values = {"title": ProposedValue(path.stem, "ファイル名（中身を読めませんでした）", sure=False)}
        missing = {key: value for key, value in values.items() if key not in entry}
        return ProposedEntry(file, doc_id, missing, entry, (str(error),), readable=False)
    return ProposedEntry(file, doc_id, {key: value for key, value in values.items() if key not in entry}, entry)


def to_toml(proposals: Sequence[ProposedEntry]) -> str:
    """Return a manifest of all proposals, without the comments of an older one."""
    return "\n".join([*_FIRST_LINES, *(line for proposal in proposals for line in (*_entry_lines(proposal), ""))])


def write_manifest(folder: Path, proposals: Sequence[ProposedEntry]) -> None:
    """Add missing entries and values to the manifest of a folder. Raises ManifestError if it cannot be written."""
    manifest = folder / MANIFEST
    try:
        text = manifest.read_text(encoding="utf-8-sig") if manifest.exists() else ""
        replace_text(manifest, complete_manifest(text, proposals))
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(
            f"{manifest}: 書き込めません（{error}）。権限と文字コード（UTF-8）を確かめてください。"
        ) from error


def complete_manifest(text: str, proposals: Sequence[ProposedEntry]) -> str:
    """Return the manifest `text` with missing keys at the end of their entries and missing entries at its end.

    Existing text is not changed. A value proposed before and still commented out is not proposed twice.
    Raises ManifestError if the text is written so that lines cannot be inserted.
    """
    blocks: list[list[str]] = [[]]  # the lines before the first entry, then those of each entry
    for line in text.splitlines():
        if _HEADER.match(line):
            blocks.append([])
        blocks[-1].append(line)
    existing = {proposal.file: proposal for proposal in proposals if proposal.entry}
    lines = []
    for block in blocks:
        proposal = existing.get(_file_of(block))
        lines += _complete_entry(block, proposal) if proposal else block
    added = [line for proposal in proposals if not proposal.entry for line in (*_entry_lines(proposal), "")]
    if added:
        lines = [*lines, *([""] if lines[-1].strip() else []), *added] if text.strip() else [*_FIRST_LINES, *added]
    result = "\n".join(lines).rstrip("\n") + "\n"
    _raise_if_changed(text, result)
    return result


def _file_of(block: Sequence[str]) -> str:
    try:
        tables = tomllib.loads("\n".join(block)).get("document", [])
    except tomllib.TOMLDecodeError:
        return ""
    return str(tables[0].get("file", "")) if tables and isinstance(tables[0], dict) else ""


def _complete_entry(block: list[str], proposal: ProposedEntry) -> list[str]:
    """Return the lines of an entry with missing ones after its last key; later comments may be the next entry's."""
    offered = {match[1] for line in block if (match := re.match(r"\s*#\s*(\w+)\s*=", line))}
    end = max(n for n, line in enumerate(block) if line.strip() and not line.lstrip().startswith("#")) + 1
    while end < len(block) and re.match(r"\s*#\s*\w+\s*=", block[end]):
        end += 1
    new = (line for key, line in _value_lines(proposal) if key not in offered and key not in proposal.entry)
    return [*block[:end], *new, *block[end:]]


def _entry_lines(proposal: ProposedEntry) -> Iterator[str]:
    yield from (f"# {' '.join(note.split())}" for note in proposal.notes)
    yield "[[document]]"
    yield f"file = {to_toml_value(proposal.entry.get('file', proposal.file))}"
    yield f"id = {to_toml_value(proposal.entry.get('id', proposal.id))}"
    yield from (line for _, line in _value_lines(proposal))


def _value_lines(proposal: ProposedEntry) -> Iterator[tuple[str, str]]:
    """Yield keys and their lines with the source; doubtful and missing values are commented out, except the title."""
    for key in (*KEYS, "amends", "aliases", "url"):
        if key in proposal.entry:
            yield key, f"{key} = {to_toml_value(proposal.entry[key])}"
        elif value := proposal.values.get(key):
            source = "".join(char for char in " ".join(value.source.split()) if char.isprintable())
            line = f"{key} = {to_toml_value(value.value)}"
            mark = "" if value.sure or key == "title" else "# "
            yield key, f"{mark}{line}  # {source}（確か）" if value.sure else f"{mark}{line}  # 要確認: {source}"
        elif key in _EMPTY_VALUES and proposal.readable:
            yield key, f"# {key} = {to_toml_value(_EMPTY_VALUES[key])}  # 要確認: 読み取れませんでした"


def _raise_if_changed(old_text: str, new_text: str) -> None:
    """Raise ManifestError unless all previous values are unchanged."""
    try:
        old = tomllib.loads(old_text).get("document", [])
        new = tomllib.loads(new_text).get("document", [])
        is_unchanged = len(new) >= len(old) and all(
            all(table.get(key) == value for key, value in entry.items()) for entry, table in zip(old, new, strict=False)
        )
    except tomllib.TOMLDecodeError:
        is_unchanged = False
    if not is_unchanged:
        raise ManifestError(
            f"{MANIFEST} の書き方のため、間に書き加えられません。--write を付けずに実行し、出た案を手で写してください。"
        )
