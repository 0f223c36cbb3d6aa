"""Reads documents in separate processes with limits on time and memory.

A PDF of three kilobytes can keep a reader busy for days.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from ingest.corpus import content_digest, printable_name, with_digest
from ingest.documents import Document, ParsedDocument
from ingest.errors import UnreadableDocumentError
from ingest.metadata.proposal import find_fields
from ingest.metadata.validity import find_state
from ingest.passages.document_reading import read_document
from ingest.readers import read_source
from ingest.sandbox import ChildEndedError, Limits, map_in_workers, run_in_child

# The result takes twice the bytes of the text: a book of 4,000 pages.
_MAX_RESULT_BYTES = 32 << 20
_MEGABYTE = 1 << 20
READ_S = 60
"""Processor time for reading one document, or one page of a scan."""
_READ_BYTES = 2 << 30
# Wall-clock limit in CPU seconds, since the process has a low priority.
_CLOCK_FACTOR = 2
# Attempts to read a file that changes meanwhile.
_MAX_ATTEMPTS = 3
# Unforeseen errors of readers, which must not stop the other files.
_READER_ERRORS = (ValueError, LookupError, ArithmeticError, TypeError, AttributeError, RecursionError)

FileToRead = tuple[Path, Document, bool]
"""A file, its document, and whether that has a title; otherwise title, kind and date are read from the file."""


def reading_limits() -> Limits:
    """Return the limits for reading one file."""
    return Limits(READ_S, READ_S * _CLOCK_FACTOR, _READ_BYTES, _MAX_RESULT_BYTES)


def read_with_limits(path: Path, entry: Mapping[str, Any], limits: Limits) -> ParsedDocument:
    """Return the content of the file at `path`; `entry` holds fields of `Document`.

    Without a title, the one in the file or its name is used. Raises UnreadableDocumentError as `read_document` does,
    and if reading exceeds `limits` or crashes.
    """
    document = Document(**{"title": printable_name(path.stem), **entry})
    has_title = "title" in entry
    read = partial(read_without_limits, records_title=True)
    try:
        result = run_in_child(read, (path, document, has_title), limits=limits)
    except ChildEndedError as error:
        raise UnreadableDocumentError(limit_exceeded_message(path, limits)) from error
    if isinstance(result, str):
        raise UnreadableDocumentError(result)
    return result


def read_all_with_limits(files: Sequence[FileToRead], limits: Limits) -> Iterator[tuple[int, ParsedDocument | str]]:
    """Yield the index of each file with its content, or an error message, as soon as it is read.

    Files are read on all cores within `limits`, large ones first. Raises UnreadableDocumentError if no process can be
    started.
    """
    order = sorted(range(len(files)), key=lambda index: -file_size(files[index][0]))
    try:
        for position, result in map_in_workers(read_without_limits, [(files[index],) for index in order], limits):
            index = order[position]
            yield index, limit_exceeded_message(files[index][0], limits) if result is None else result
    except ChildEndedError as error:
        raise UnreadableDocumentError(
            "文書を読むためのプロセスを始められません。メモリーの空きとプロセスの数の上限を確かめてください。"
        ) from error


def file_size(path: Path) -> int:
    """Return the size of a file in bytes, 0 if it was deleted meanwhile; reading reports that."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def limit_exceeded_message(path: Path, limits: Limits) -> str:
    """Return the message for a file that exceeded the limits."""
    return (
        f"{printable_name(path.name)}: 読み取りに時間かメモリーがかかりすぎるので、途中でやめました"
        f"（上限は{limits.cpu_s}秒、{limits.memory_bytes // _MEGABYTE:,} MB）。ファイルを分けるか、"
        "元の文書から書き出し直してください。"
    )


def read_without_limits(file: FileToRead, *, records_title: bool = False) -> ParsedDocument | str:
    """Return the content of a file, or an error message, read in this process.

    A file that changes meanwhile is read again. The document's digest covers its title only if that was given, or
    with `records_title`, for a document whose entry will have the title of the file.
    """
    path, document, has_title = file
    try:
        for _ in range(_MAX_ATTEMPTS):
            digest = content_digest(path)
            source = read_source(path, document.url)
            fields = {} if has_title else find_fields(path, source)
            if records_title and fields:
                document, fields = replace(document, title=fields["title"]), {}
            parsed = read_document(path, replace(with_digest(document, digest), **fields), source)
            if content_digest(path) == digest:
                return replace(parsed, document=replace(parsed.document, state=find_state(parsed)))
    except UnreadableDocumentError as error:
        return str(error)
    except OSError as error:
        return f"{printable_name(path.name)}: ファイルを開けません（{error.strerror}）。権限を確かめてください。"
    except _READER_ERRORS as error:
        return (
            f"{printable_name(path.name)}: 読み取りの途中で予想しない誤りが起きました（{type(error).__name__}）。"
            "元の文書から書き出し直すか、別の形式にしてください。"
        )
    name = printable_name(path.name)
    return f"{name}: 読んでいる間に書き換えられました。書き込みが終わってから、もう一度実行してください。"
