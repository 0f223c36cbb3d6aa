"""Reads documents in separate processes with limits on time and memory.

A PDF of three kilobytes can keep its reader busy for days, and all others would wait for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ingest.chunking.document_reading import read_document
from ingest.configuration.settings import Settings
from ingest.corpus import content_digest, printable_name, with_digest
from ingest.documents import Document, ParsedDocument
from ingest.errors import UnreadableDocumentError
from ingest.metadata.proposal import find_title
from ingest.sandbox.parallel import ChildEndedError, Limits, run_in_child
from ingest.sandbox.workers import map_in_workers

# What was understood takes about twice the bytes of the text: this is a book of 4,000 pages. Within the server it is
# unpacked in a third of a second.
_LARGEST = 32 << 20
_MEGA = 1 << 20
# By the clock twice the seconds of a core, because the process gives way to others.
_PATIENCE = 2
# How often a file is read that is written into meanwhile.
_TIMES = 3
# What a reader trips over that nobody has thought of: the other files must not pay for it.
_TRIPPED = (ValueError, LookupError, ArithmeticError, TypeError, AttributeError, RecursionError)
# What was understood, or why nothing was.
_RESULT: TypeAdapter[ParsedDocument | str] = TypeAdapter(ParsedDocument | str)

File = tuple[Path, Document, bool]
"""A file with what is known of its document, and whether that has its title; else the one in the file is taken."""


def reading_limits(settings: Settings) -> Limits:
    """Return what reading one file may take."""
    seconds = settings.read_limit_s
    return Limits(seconds, seconds * _PATIENCE, settings.read_limit_mb * _MEGA, _LARGEST)


def read_with_limits(path: Path, entry: Mapping[str, Any], limits: Limits) -> ParsedDocument:
    """Return what is understood of the file at `path`, with `entry` as `Document` takes it.

    The title may be left out: then it is the one that stands in the file, or the file's name. Raises
    UnreadableDocumentError as `read_document` does, and where reading took more than `limits` or broke.
    """
    document, titled = Document(**{"title": printable_name(path.stem), **entry}), "title" in entry
    try:
        result = _RESULT.validate_json(run_in_child(_read_with_title, (path, document, titled), limits=limits))
    except ChildEndedError as error:
        raise UnreadableDocumentError(limit_exceeded_message(path, limits)) from error
    if isinstance(result, str):
        raise UnreadableDocumentError(result)
    return result


def read_all_with_limits(files: Sequence[File], limits: Limits) -> Iterator[tuple[int, ParsedDocument | str]]:
    """Yield the place of each file with what is understood of it, or why nothing is, as soon as it is read.

    Files are read on all cores, each within `limits`, large ones first: one that is begun last is waited for alone.
    Raises UnreadableDocumentError where no process can be started.
    """
    places = sorted(range(len(files)), key=lambda place: -_bytes(files[place][0]))
    try:
        for at, result in map_in_workers(_read, [files[place] for place in places], limits):
            path = files[places[at]][0]
            yield places[at], limit_exceeded_message(path, limits) if result is None else _RESULT.validate_json(result)
    except ChildEndedError as error:
        raise UnreadableDocumentError(
            "文書を読むためのプロセスを始められません。メモリーの空きとプロセスの数の上限を確かめてください。"
        ) from error


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # gone since: reading tells
        return 0


def limit_exceeded_message(path: Path, limits: Limits) -> str:
    """Return what to tell of a file that took more than `limits`."""
    return (
        f"{printable_name(path.name)}: 読み取りに時間かメモリーがかかりすぎるので、途中でやめました"
        f"（上限は{limits.cpu_s}秒、{limits.memory // _MEGA:,} MB）。ファイルを分けるか、"
        "元の文書から書き出し直してください。ただ大きいだけなら、管理者が SHIRUBE_READ_LIMIT_S と "
        "SHIRUBE_READ_LIMIT_MB を増やせば読めます。"
    )


def read_without_limits(file: File) -> ParsedDocument | str:
    """Return what is understood of a file, or why nothing is, in this process and without limits.

    A file that is written into while it is read is read again; its document has the digest of what was read, which
    covers its title only where that was known before.
    """
    path, document, titled = file
    try:
        for _ in range(_TIMES):
            before = with_digest(document, content_digest(path))
            reading = read_document(path, before if titled else replace(before, title=find_title(path)))
            if with_digest(document, content_digest(path)) == before:
                return reading
    except UnreadableDocumentError as error:
        return str(error)
    except OSError as error:
        return f"{printable_name(path.name)}: ファイルを開けません（{error.strerror}）。権限を確かめてください。"
    except _TRIPPED as error:
        return (
            f"{printable_name(path.name)}: 読み取りの途中で予想しない誤りが起きました（{type(error).__name__}）。"
            "元の文書から書き出し直すか、別の形式にしてください。"
        )
    name = printable_name(path.name)
    return f"{name}: 読んでいる間に書き換えられました。書き込みが終わってから、もう一度実行してください。"


def _read(file: File) -> bytes:
    return _RESULT.dump_json(read_without_limits(file))


def _read_with_title(file: File) -> bytes:
    """Read a file of which an entry is to be made: with its title, which the digest covers then."""
    path, document, titled = file
    with suppress(OSError, *_TRIPPED):  # that is told when the document itself is read
        document = document if titled else replace(document, title=find_title(path))
    return _read((path, document, True))
