"""Proposes manifest entries for the new files of a folder and writes them, with a comment per value."""

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.configuration.storage import replace_text
from ingest.corpus import MANIFEST
from ingest.errors import ManifestError
from ingest.metadata.manifest import read_corpus
from ingest.metadata.proposal import ProposedValue, propose_with_limits
from ingest.sandbox import Limits

_FIRST_LINES = "# 文書から読み取った案です。「確か」でない値は確かめて、行の先頭の「# 」を消すと使われます。"
# What a person fills in if nothing was read.
_EMPTY_VALUES = {"issuer": "", "published": "", "period": ["", ""]}


@dataclass(frozen=True, slots=True)
class ProposedEntry:
    """A proposed entry for a file that the manifest does not list; its name is the title if it is not `readable`."""

    file: str
    id: str
    values: Mapping[str, ProposedValue]
    readable: bool = True


def propose(
    folder: Path, limits: Limits, on_progress: Callable[[int, int], None] = lambda _done, _total: None
) -> list[ProposedEntry]:
    """Return an entry for each document of `folder` that its manifest does not list.

    Raises ManifestError if the folder or its manifest cannot be read.
    """
    new = [entry for entry in read_corpus(folder).entries if entry.line is None]
    proposals = []
    for done, entry in enumerate(new):
        on_progress(done, len(new))
        values = propose_with_limits(entry.path, limits)
        unread = {} if values else {"title": ProposedValue(entry.document.title, "ファイル名", sure=False)}
        proposals.append(ProposedEntry(entry.document.file, entry.document.id, values or unread, bool(values)))
    return proposals


def to_toml(proposals: Sequence[ProposedEntry]) -> str:
    """Return the entries as they are written to a manifest."""
    lines = []
    for proposal in proposals:
        lines += ["", "[[document]]", f"file = {_to_toml_value(proposal.file)}", f"id = {_to_toml_value(proposal.id)}"]
        for key, value in proposal.values.items():
            source = "".join(char for char in " ".join(value.source.split()) if char.isprintable())
            mark = "" if value.sure or key == "title" else "# "  # a doubtful value is a comment, except the title
            note = f"{source}（確か）" if value.sure else f"要確認: {source}"
            lines += [f"{mark}{key} = {_to_toml_value(value.value)}  # {note}"]
        missing = {key: value for key, value in _EMPTY_VALUES.items() if key not in proposal.values}
        lines += [f"# {key} = {_to_toml_value(value)}  # 要確認: 読み取りません" for key, value in missing.items()]
    return "\n".join(lines)


def _to_toml_value(value: Any) -> str:
    # TOML differs from JSON in one character.
    return json.dumps(value, ensure_ascii=False, default=str).replace("\x7f", "\\u007f")


def write_manifest(folder: Path, proposals: Sequence[ProposedEntry]) -> None:
    """Append the proposals to the manifest of a folder, whose text stays as it is.

    Raises ManifestError if it cannot be written, or lists its documents in another way than as `[[document]]`.
    """
    manifest = folder / MANIFEST
    try:
        text = manifest.read_text(encoding="utf-8-sig") if manifest.exists() else _FIRST_LINES
        text = "\n".join([text.rstrip("\n"), to_toml(proposals)]).rstrip("\n") + "\n"
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
