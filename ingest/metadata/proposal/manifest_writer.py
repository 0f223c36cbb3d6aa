"""Writes proposals to a manifest, with a comment per value; existing values stay."""

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ingest.configuration.storage import replace_text
from ingest.corpus import MANIFEST
from ingest.errors import ManifestError
from ingest.metadata.proposal.file_evidence import ProposedValue
from ingest.metadata.proposal.folder import KEYS, ProposedEntry

_HEADER = re.compile(r"\s*\[\[\s*document\s*\]\]")
_FIRST_LINES = (
    "# 文書から読み取った案です。「確か」でない値は確かめて、行の先頭の「# 」を消すと使われます。",
    "",
)


def to_toml(proposals: Sequence[ProposedEntry]) -> str:
    """Return a manifest of all proposals, without the comments of an older one."""
    return "\n".join([*_FIRST_LINES, *(line for proposal in proposals for line in (*_entry(proposal), ""))])


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
    lines = text.splitlines()
    proposals_by_file = {proposal.file: proposal for proposal in proposals if proposal.entry}
    added = [line for proposal in proposals if not proposal.entry for line in (*_entry(proposal), "")]
    out: list[str] = []
    for block in _blocks(lines):
        proposal = proposals_by_file.get(_file_of(block))
        out += _complete_entry(block, proposal) if proposal else block
    if added:
        out += ["", *added] if out and out[-1].strip() else added
        out = out if text.strip() else [*_FIRST_LINES, *added]
    result = "\n".join(out).rstrip("\n") + "\n"
    _check(text, result)
    return result


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in lines:
        if _HEADER.match(line):
            yield block
            block = []
        block.append(line)
    yield block


def _file_of(block: Sequence[str]) -> str:
    try:
        tables = tomllib.loads("\n".join(block)).get("document", [])
    except tomllib.TOMLDecodeError:
        return ""
    return str(tables[0].get("file", "")) if tables and isinstance(tables[0], dict) else ""


def _complete_entry(block: list[str], proposal: ProposedEntry) -> list[str]:
    offered = {match[1] for line in block if (match := re.match(r"\s*#\s*(\w+)\s*=", line))}
    new = [_line(key, proposal.values[key]) for key in KEYS if key in proposal.values and key not in offered]
    end = max(n for n, line in enumerate(block) if line.strip() and not line.lstrip().startswith("#")) + 1
    while end < len(block) and re.match(r"\s*#\s*\w+\s*=", block[end]):
        end += 1
    return [*block[:end], *new, *block[end:]]


def _entry(proposal: ProposedEntry) -> Iterator[str]:
    yield from (f"# {' '.join(note.split())}" for note in proposal.notes)
    yield "[[document]]"
    existing = {key: proposal.entry[key] for key in ("file", "id") if key in proposal.entry}
    yield f"file = {_toml(existing.get('file', proposal.file))}"
    yield f"id = {_toml(existing.get('id', proposal.id))}"
    for key in (*KEYS, "url"):
        if key in proposal.entry:
            yield f"{key} = {_toml(proposal.entry[key])}"
        elif key in proposal.values:
            yield _line(key, proposal.values[key])


def _line(key: str, value: ProposedValue) -> str:
    source = "".join(char for char in " ".join(value.source.split()) if char.isprintable())
    if value.sure:
        return f"{key} = {_toml(value.value)}  # {source}（確か）"
    return f"{'' if key == 'title' else '# '}{key} = {_toml(value.value)}  # 要確認: {source}"


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str).replace("\x7f", "\\u007f")


def _check(old_text: str, new_text: str) -> None:
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
