"""Adds files without a manifest entry to a corpus, with metadata read from the files."""

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from ingest.corpus import (
    MANIFEST,
    Corpus,
    CorpusEntry,
    CorpusFinding,
    FindingKind,
    content_digest,
    printable_name,
    with_digest,
)
from ingest.documents import Document
from ingest.readers import SUFFIXES, unreadable_format

_NO_DOCUMENTS = {MANIFEST, "sources.toml", "readme.md"}
# Hidden files, and lock files that office programs create for open documents.
_IGNORED_PREFIXES = (".", "~$")
# Characters: ids become file names, which are limited to 255 bytes.
_LONGEST_ID = 80


def add_unlisted_files(folder: Path, listed: set[Path], used_ids: set[str], corpus: Corpus) -> None:
    """Add the files of `folder` that are not `listed` to `corpus`, each with a warning; `used_ids` are ids in use."""
    for path in sorted(_walk_files(folder, corpus)):
        name = path.relative_to(folder)
        if path not in listed and is_document(path, name):
            _add_file(folder, name, path, used_ids, corpus)


def _add_file(folder: Path, name: Path, path: Path, used_ids: set[str], corpus: Corpus) -> None:
    if problem := file_problem(folder, path):
        corpus.unreadable.append(CorpusFinding(printable_name(path), problem))
        return
    try:
        content = content_digest(path)
    except OSError as error:
        corpus.unreadable.append(CorpusFinding(printable_name(path), _open_error_text(error)))
        return
    doc_id = make_id(name, used_ids)
    document = Document(id=doc_id, title=printable_name(path.stem), file=printable_name(name))
    entry = CorpusEntry(with_digest(document, content), path, str(folder / MANIFEST), has_title=False, content=content)
    used_ids.add(doc_id)
    corpus.entries.append(entry)
    text = (
        f"{MANIFEST} に書かれていません。id「{doc_id}」、題名はファイルから読んだものとして扱います。"
        "`python -m ingest list` で確かめてください。"
    )
    corpus.warnings.append(entry.finding(text, FindingKind.UNLISTED))


def is_document(path: Path, name: Path) -> bool:
    """Whether the file at `path`, named `name` in its folder, may be a document: not hidden, not a manifest."""
    hidden = any(part.startswith(_IGNORED_PREFIXES) for part in name.parts)
    return not hidden and name.name.lower() not in _NO_DOCUMENTS and path.is_file()


def _walk_files(folder: Path, corpus: Corpus) -> Iterator[Path]:
    def report(error: OSError) -> None:
        corpus.unreadable.append(CorpusFinding(printable_name(str(error.filename)), _open_error_text(error)))

    for root, folders, files in os.walk(folder, onerror=report):
        folders[:] = [name for name in folders if not name.startswith(_IGNORED_PREFIXES)]
        for path in (Path(root, name) for name in (*folders, *files) if not name.startswith(_IGNORED_PREFIXES)):
            if path.is_symlink() and _is_outside(folder, path):
                corpus.unreadable.append(CorpusFinding(printable_name(path), _LINK_OUTSIDE_TEXT))
            elif path.is_file():
                yield path


_LINK_OUTSIDE_TEXT = (
    "文書フォルダーの外を指すリンクなので読みません。読むときは、ファイルそのものをフォルダーに置いてください。"
)


def _is_outside(folder: Path, path: Path) -> bool:
    try:
        return not path.resolve(strict=True).is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a broken or circular link
        return True


def _open_error_text(error: OSError) -> str:
    return f"開けません（{error.strerror}）。置き場所と権限を確かめてください。"


def file_problem(folder: Path, path: Path) -> str:
    """Return why an existing file cannot be read, with what to do; "" if it can be tried.

    Special files, such as pipes, are not opened, because that could block.
    """
    try:
        if _is_outside(folder, path):
            return _LINK_OUTSIDE_TEXT
        if not path.is_file():
            return f"「{printable_name(path.name)}」はファイルではありません。文書のファイルを置いてください。"
        if path.suffix.lower() not in SUFFIXES:
            return f"「{printable_name(path.name)}」: {unreadable_format(path.name)}"
        path.open("rb").close()
    except OSError as error:
        return f"ファイル「{printable_name(path.name)}」を{_open_error_text(error)}"
    return ""


def make_id(name: Path, used_ids: set[str]) -> str:
    """Return an id from a file name; a digest is appended if characters were lost or the id is in `used_ids`."""
    stem = unicodedata.normalize("NFKC", printable_name(name.with_suffix("")))
    id_ = re.sub(r"[^a-z0-9.]+", "-", stem.lower()).strip("-.")
    if id_ and id_ not in used_ids and stem.isascii() and len(id_) <= _LONGEST_ID:
        return id_
    digest = hashlib.sha256(os.fsencode(name.as_posix())).hexdigest()[:8]
    id_ = id_[: _LONGEST_ID - len(digest) - 1].strip("-.")
    return f"{id_}-{digest}" if id_ else f"doc-{digest}"
