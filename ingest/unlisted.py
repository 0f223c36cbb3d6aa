"""Files that no manifest names: they are indexed too, with what can be read from themselves."""

import hashlib
import re
import unicodedata
from pathlib import Path

from ingest.corpus import MANIFEST, Corpus, Entry, Finding, document_of
from ingest.errors import UnreadableDocumentError
from ingest.proposal import title_of
from ingest.read import SUFFIXES

_NO_DOCUMENTS = {MANIFEST, "sources.toml", "readme.md"}
# Hidden files, and the lock files that office programs leave beside an open document.
_HIDDEN = (".", "~$")


def unlisted(folder: Path, listed: set[Path], taken: set[str], corpus: Corpus) -> None:
    """Add to `corpus` the files of `folder` that are not `listed`, each with a warning; `taken` are ids in use."""
    for path in sorted(folder.rglob("*")):
        if path in listed or not is_document(path, path.relative_to(folder)):
            continue
        if path.suffix.lower() not in SUFFIXES:
            corpus.warnings.append(Finding(str(path), f"読める形式（{' '.join(SUFFIXES)}）でないので飛ばします。"))
            continue
        entry = _entry(folder, path, taken)
        if isinstance(entry, Finding):
            corpus.problems.append(entry)
            continue
        taken.add(entry.document.id)
        corpus.entries.append(entry)
        text = (
            f"{MANIFEST} に書かれていません。id「{entry.document.id}」、題名「{entry.document.title}」として扱います。"
        )
        corpus.warnings.append(Finding(str(path), text))


def is_document(path: Path, name: Path) -> bool:
    """Whether the file at `path`, called `name` within its folder, is meant as a document: not hidden, no manifest."""
    hidden = any(part.startswith(_HIDDEN) for part in name.parts)
    return not hidden and name.name.lower() not in _NO_DOCUMENTS and path.is_file()


def _entry(folder: Path, path: Path, taken: set[str]) -> Entry | Finding:
    name = path.relative_to(folder)
    try:
        values = {"file": name.as_posix(), "id": made_id(name, taken), "title": made_title(path)}
        return Entry(document_of(path, values), path, str(folder / MANIFEST))
    except OSError as error:
        return Finding(str(path), f"ファイルを開けません（{error.strerror}）。権限を確かめてください。")


def made_id(name: Path, taken: set[str]) -> str:
    """Return an id from a file name; a digest tells names apart that lost letters, and ids that are `taken`."""
    stem = unicodedata.normalize("NFKC", name.with_suffix("").as_posix())
    made = re.sub(r"[^a-z0-9.]+", "-", stem.lower()).strip("-.")
    if made and made not in taken and stem.isascii():
        return made
    digest = hashlib.sha256(name.as_posix().encode()).hexdigest()[:8]
    return f"{made}-{digest}" if made else f"doc-{digest}"


def made_title(path: Path) -> str:
    """Return the title that stands in a file, or the file's name where none surely does."""
    try:
        found = title_of(path)
    except UnreadableDocumentError:
        return path.stem  # said once, when the document itself is read
    return str(found.value) if found.sure else path.stem
