"""Proposes the manifest of a folder and writes it, with a comment per value; existing values stay."""

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
from ingest.sandbox import Limits

KEYS = ("title", "kind", "issuer", "published", "period", "supersedes")
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
    notes: tuple[str, ...] = ()
    try:
        values = propose_with_limits(path, limits)
    except UnreadableDocumentError as error:
        values = {"title": ProposedValue(path.stem, "ファイル名（中身を読めませんでした）", sure=False)}
        notes = (str(error),)
    missing = {key: value for key, value in values.items() if key not in entry}
    return ProposedEntry(file, doc_id, missing, entry, notes, readable=not notes)


def to_toml(proposals: Sequence[ProposedEntry]) -> str:
    """Return a manifest of all proposals, without the comments of an older one."""
    return "\n".join([*_FIRST_LINES, *(line for proposal in proposals for line in (*_entry_lines(proposal), ""))])


def write_manifest(folder: Path, proposals: Sequence[ProposedEntry]) -> None:
    """Append the proposals without an entry to the manifest of a folder, whose text stays as it is.

    Raises ManifestError if it cannot be written, or lists its documents in another way than as `[[document]]`.
    """
    manifest = folder / MANIFEST
    try:
        text = manifest.read_text(encoding="utf-8-sig") if manifest.exists() else "\n".join(_FIRST_LINES)
        added = [line for proposal in proposals if not proposal.entry for line in ("", *_entry_lines(proposal))]
        text = "\n".join([text.rstrip("\n"), *added]) + "\n"
        tomllib.loads(text)
        replace_text(manifest, text)
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(
            f"{MANIFEST} の書き方のため、書き加えられません。--write を付けずに実行し、出た案を手で写してください。"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(
            f"{manifest}: 書き込めません（{error}）。権限と文字コード（UTF-8）を確かめてください。"
        ) from error


def _entry_lines(proposal: ProposedEntry) -> Iterator[str]:
    yield from (f"# {' '.join(note.split())}" for note in proposal.notes)
    yield "[[document]]"
    yield f"file = {to_toml_value(proposal.entry.get('file', proposal.file))}"
    yield f"id = {to_toml_value(proposal.entry.get('id', proposal.id))}"
    for key in (*KEYS, "amends", "aliases", "url"):
        if key in proposal.entry:
            yield f"{key} = {to_toml_value(proposal.entry[key])}"
        elif value := proposal.values.get(key):
            source = "".join(char for char in " ".join(value.source.split()) if char.isprintable())
            mark = "" if value.sure or key == "title" else "# "  # a doubtful value is a comment, except the title
            note = f"{source}（確か）" if value.sure else f"要確認: {source}"
            yield f"{mark}{key} = {to_toml_value(value.value)}  # {note}"
        elif key in _EMPTY_VALUES and proposal.readable:
            yield f"# {key} = {to_toml_value(_EMPTY_VALUES[key])}  # 要確認: 読み取れませんでした"
