"""A file that somebody hands in is read in a process of its own, which may take only so much time and memory.

A PDF of three kilobytes can keep its reader busy for days, and within a server all others would wait for it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ingest.corpus import document_of
from ingest.documents import Reading
from ingest.errors import UnreadableDocumentError
from ingest.parallel import ChildEndedError, Limits, in_child
from ingest.read import read_document
from ingest.settings import Settings
from ingest.unlisted import made_title

# What was understood takes about twice the bytes of the text: this is a book of 4,000 pages. Within the server it is
# unpacked in a third of a second.
_LARGEST = 32 << 20
_MEGA = 1 << 20
# By the clock twice the seconds of a core, because the process gives way to others.
_PATIENCE = 2
# What was understood, or why nothing was.
_RESULT: TypeAdapter[Reading | str] = TypeAdapter(Reading | str)


def reading_limits(settings: Settings) -> Limits:
    """Return what reading one file may take."""
    seconds = settings.read_limit_s
    return Limits(seconds, seconds * _PATIENCE, settings.read_limit_mb * _MEGA, _LARGEST)


def read_apart(path: Path, entry: Mapping[str, Any], limits: Limits) -> Reading:
    """Return what is understood of the file at `path`, with `entry` as `Document` takes it.

    The title may be left out: then it is the one that stands in the file, or the file's name. Raises
    UnreadableDocumentError as `read_document` does, and where reading took more than `limits` or broke.
    """
    try:
        result = _RESULT.validate_json(in_child(_read, path, dict(entry), limits=limits))
    except ChildEndedError as error:
        raise UnreadableDocumentError(
            f"{path.name}: 読み取りに時間かメモリーがかかりすぎるので、途中でやめました"
            f"（上限は{limits.cpu_s}秒、{limits.memory // _MEGA:,} MB）。ファイルを分けるか、"
            "元の文書から書き出し直してください。ただ大きいだけなら、管理者が SHIRUBE_READ_LIMIT_S と "
            "SHIRUBE_READ_LIMIT_MB を増やせば読めます。"
        ) from error
    if isinstance(result, str):
        raise UnreadableDocumentError(result)
    return result


def _read(path: Path, entry: dict[str, Any]) -> bytes:
    try:
        if "title" not in entry:
            entry["title"] = made_title(path)
        return _RESULT.dump_json(read_document(path, document_of(path, entry)))
    except UnreadableDocumentError as error:
        return _RESULT.dump_json(str(error))
    except OSError as error:
        told = f"{path.name}: ファイルを開けません（{error.strerror}）。権限を確かめてください。"
        return _RESULT.dump_json(told)
