"""Files that no manifest names: they are indexed too, with what can be read from themselves."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ingest.corpus import MANIFEST, Corpus, Entry, Finding, document_of
from ingest.errors import UnreadableDocumentError
from ingest.read import SUFFIXES
from ingest.readers import read_title, unreadable_format
from ingest.readers.archive import is_archive, members

_NO_DOCUMENTS = {MANIFEST, "readme.md"}
# Hidden files, and the lock files that office programs leave beside an open document.
_HIDDEN = (".", "~$")


def unlisted(folder: Path, listed: set[Path], taken: set[str], corpus: Corpus) -> None:
    """Add to `corpus` the files of `folder` that are not `listed`, each with a warning; `taken` are ids in use.

    Of an archive each file inside is one; an archive that cannot be opened is one that cannot be read.
    """
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path not in listed and _is_document(path, name):
            for inner, held in _files(path, name):
                if held not in listed:
                    _add(folder, inner, held, taken, corpus)


def _files(path: Path, name: Path) -> Iterator[tuple[Path, Path]]:
    """Yield the name in its folder and the place of each document that a file is or holds."""
    if is_archive(path):
        with suppress(UnreadableDocumentError, OSError):  # said when it is read
            for member in members(path):
                yield name / member.name, member.path
            return
    yield name, path


def _add(folder: Path, name: Path, path: Path, taken: set[str], corpus: Corpus) -> None:
    shown = str(folder / name)
    if path.suffix.lower() not in SUFFIXES and not is_archive(path):
        corpus.warnings.append(Finding(shown, f"飛ばします。{unreadable_format(path.name)}"))
        return
    entry = _entry(folder, name, path, taken)
    if isinstance(entry, Finding):
        corpus.problems.append(entry)
        return
    taken.add(entry.document.id)
    corpus.entries.append(entry)
    text = f"{MANIFEST} に書かれていません。id「{entry.document.id}」、題名「{entry.document.title}」として扱います。"
    corpus.warnings.append(Finding(shown, text))


def _is_document(path: Path, name: Path) -> bool:
    hidden = any(part.startswith(_HIDDEN) for part in name.parts)
    return not hidden and name.name.lower() not in _NO_DOCUMENTS and path.is_file()


def _entry(folder: Path, name: Path, path: Path, taken: set[str]) -> Entry | Finding:
    try:
        values = {"file": name.as_posix(), "id": made_id(name, taken), "title": made_title(path)}
        return Entry(document_of(path, values), path, str(folder / MANIFEST))
    except OSError as error:
        return Finding(str(folder / name), f"ファイルを開けません（{error.strerror}）。権限を確かめてください。")


def made_id(name: Path, taken: set[str]) -> str:
    """Return an id from a file name; a digest tells names apart that lost letters, and ids that are `taken`."""
    stem = unicodedata.normalize("NFKC", name.with_suffix("").as_posix())
    made = re.sub(r"[^a-z0-9.]+", "-", stem.lower()).strip("-.")
    if made and made not in taken and stem.isascii():
        return made
    digest = hashlib.sha256(name.as_posix().encode()).hexdigest()[:8]
    return f"{made}-{digest}" if made else f"doc-{digest}"


def made_title(path: Path) -> str:
    """Return the title that stands in a file, or the file's name."""
    try:
        return read_title(path) or path.stem
    except UnreadableDocumentError:
        return path.stem  # said once, when the document itself is read
