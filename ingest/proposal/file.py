"""What one file tells of itself, by the keys of the manifest; it is read in a process with limits."""

from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter

from ingest.corpus import shown
from ingest.errors import UnreadableDocumentError
from ingest.parallel import ChildEndedError, Limits, in_child
from ingest.proposal.days import period, published
from ingest.proposal.evidence import Evidence, evidence, seen
from ingest.proposal.names import aliases, issuer, kind
from ingest.proposal.title import title
from ingest.proposal.value import Value

_RESULT: TypeAdapter[dict[str, Value] | str] = TypeAdapter(dict[str, Value] | str)


def propose_apart(path: Path, limits: Limits) -> dict[str, Value]:
    """Return what the file at `path` tells of itself, by the keys of the manifest; `supersedes` needs the other files.

    Raises UnreadableDocumentError where it cannot be read, or takes more than `limits`.
    """
    try:
        result = _RESULT.validate_json(in_child(_proposed, path, limits=limits))
    except ChildEndedError as error:
        raise UnreadableDocumentError(
            f"{path.name}: 読み取りに時間かメモリーがかかりすぎるので、やめました。"
        ) from error
    if isinstance(result, str):
        raise UnreadableDocumentError(result)
    return result


def _proposed(path: Path) -> bytes:
    try:
        return _RESULT.dump_json(of_file(path))
    except UnreadableDocumentError as error:
        return _RESULT.dump_json(str(error))
    except OSError as error:
        return _RESULT.dump_json(f"{path.name}: ファイルを開けません（{error.strerror}）。権限を確かめてください。")


def of_file(path: Path) -> dict[str, Value]:
    """Return what `propose_apart` does, read by this process. Raises UnreadableDocumentError, OSError."""
    found, named = _titled(path)
    values = {
        "title": named,
        "kind": kind(found, named.value),
        "issuer": issuer(found, named.value),
        "published": published(found),
        "period": period(found, named.value),
        "aliases": aliases(found, named.value),
    }
    return {key: value for key, value in values.items() if value}


def made_title(path: Path) -> str:
    """Return the title that stands in the file at `path`, or the file's name where none surely does."""
    try:
        found = title(evidence(path))
    except UnreadableDocumentError:
        return shown(path.stem)  # said once, when the document itself is read
    return str(found.value) if found.sure else shown(path.stem)


def _titled(path: Path) -> tuple[Evidence, Value]:
    """Return what a file shows and its title; where no title is sure, its first page is looked at as a picture."""
    found = evidence(path)
    named = title(found)
    if named.sure:
        return found, named
    drawn = seen(found)
    read = title(drawn)
    if drawn is found or not read.sure:
        return found, named
    return drawn, replace(read, sure=False, source=f"{read.source}（画像から読み取り）")
