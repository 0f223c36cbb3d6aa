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
from ingest.metadata.proposal.folder import KEYS, Proposal
from ingest.metadata.proposal.value import Value

_HEADER = re.compile(r"\s*\[\[\s*document\s*\]\]")
_FIRST_LINES = (
    "# 文書から読み取った案です。「確か」でない値は確かめて、行の先頭の「# 」を消すと使われます。",
    "",
)


def to_toml(found: Sequence[Proposal]) -> str:
    """Return a manifest of all proposals, without what an older one said beside its keys."""
    return "\n".join([*_FIRST_LINES, *(line for one in found for line in (*_entry(one), ""))])


def write_manifest(folder: Path, found: Sequence[Proposal]) -> None:
    """Put what is missing into the manifest of a folder. Raises ManifestError where it cannot be written."""
    manifest = folder / MANIFEST
    try:
        text = manifest.read_text(encoding="utf-8-sig") if manifest.exists() else ""
        replace_text(manifest, complete_manifest(text, found))
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(
            f"{manifest}: 書き込めません（{error}）。権限と文字コード（UTF-8）を確かめてください。"
        ) from error


def complete_manifest(text: str, found: Sequence[Proposal]) -> str:
    """Return the manifest `text` with what is missing: keys at the end of their entries, and entries at its end.

    Nothing that stands in it is changed. A value that was offered before, and left as a comment, is not offered again.
    Raises ManifestError where the text is written so that nothing can be put between its lines.
    """
    lines = text.splitlines()
    known = {one.file: one for one in found if one.entry}
    added = [line for one in found if not one.entry for line in (*_entry(one), "")]
    out: list[str] = []
    for block in _blocks(lines):
        one = known.get(_file_of(block))
        out += _complete_entry(block, one) if one else block
    if added:
        out += ["", *added] if out and out[-1].strip() else added
        out = out if text.strip() else [*_FIRST_LINES, *added]
    made = "\n".join(out).rstrip("\n") + "\n"
    _check(text, made)
    return made


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    """Yield the lines before the first entry, and then those of each."""
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


def _complete_entry(block: list[str], one: Proposal) -> list[str]:
    """Return the lines of an entry with those that are missing behind its last key: what follows may be of the next."""
    offered = {match[1] for line in block if (match := re.match(r"\s*#\s*(\w+)\s*=", line))}
    new = [_line(key, one.values[key]) for key in KEYS if key in one.values and key not in offered]
    end = max(n for n, line in enumerate(block) if line.strip() and not line.lstrip().startswith("#")) + 1
    while end < len(block) and re.match(r"\s*#\s*\w+\s*=", block[end]):
        end += 1
    return [*block[:end], *new, *block[end:]]


def _entry(one: Proposal) -> Iterator[str]:
    yield from (f"# {' '.join(note.split())}" for note in one.notes)
    yield "[[document]]"
    said = {key: one.entry[key] for key in ("file", "id") if key in one.entry}
    yield f"file = {_toml(said.get('file', one.file))}"
    yield f"id = {_toml(said.get('id', one.id))}"
    for key in (*KEYS, "url"):
        if key in one.entry:
            yield f"{key} = {_toml(one.entry[key])}"
        elif key in one.values:
            yield _line(key, one.values[key])


def _line(key: str, value: Value) -> str:
    """Return a value with where it was read; one that is doubtful as a comment, but for the title, which must be."""
    told = "".join(char for char in " ".join(value.source.split()) if char.isprintable())
    if value.sure:
        return f"{key} = {_toml(value.value)}  # {told}（確か）"
    return f"{'' if key == 'title' else '# '}{key} = {_toml(value.value)}  # 要確認: {told}"


def _toml(value: Any) -> str:
    """Return a text or a list of texts as TOML has it: as JSON has it, but for one character."""
    return json.dumps(value, ensure_ascii=False, default=str).replace("\x7f", "\\u007f")


def _check(before: str, after: str) -> None:
    """Raise ManifestError unless all that was said before is still said."""
    try:
        old, new = tomllib.loads(before).get("document", []), tomllib.loads(after).get("document", [])
        kept = len(new) >= len(old) and all(
            all(table.get(key) == value for key, value in entry.items()) for entry, table in zip(old, new, strict=False)
        )
    except tomllib.TOMLDecodeError:
        kept = False
    if not kept:
        raise ManifestError(
            f"{MANIFEST} の書き方のため、間に書き加えられません。--write を付けずに実行し、出た案を手で写してください。"
        )
