"""Proposes the manifest values of one file, in a process with limits."""

from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter

from ingest.corpus import printable_name
from ingest.errors import UnreadableDocumentError
from ingest.metadata.proposal.document_dates import period, publication_date
from ingest.metadata.proposal.evidence import Evidence, evidence, with_first_page_ocr
from ingest.metadata.proposal.names import aliases, issuer, kind
from ingest.metadata.proposal.title import title
from ingest.metadata.proposal.value import Value
from ingest.sandbox.parallel import ChildEndedError, Limits, run_in_child

_RESULT: TypeAdapter[dict[str, Value] | str] = TypeAdapter(dict[str, Value] | str)


def propose_with_limits(path: Path, limits: Limits) -> dict[str, Value]:
    """Return what the file at `path` tells of itself, by the keys of the manifest; `supersedes` needs the other files.

    Raises UnreadableDocumentError where it cannot be read, or takes more than `limits`.
    """
    try:
        result = _RESULT.validate_json(run_in_child(_proposed, path, limits=limits))
    except ChildEndedError as error:
        raise UnreadableDocumentError(
            f"{path.name}: 読み取りに時間かメモリーがかかりすぎるので、やめました。"
        ) from error
    if isinstance(result, str):
        raise UnreadableDocumentError(result)
    return result


def _proposed(path: Path) -> bytes:
    try:
        return _RESULT.dump_json(propose_from_file(path))
    except UnreadableDocumentError as error:
        return _RESULT.dump_json(str(error))
    except OSError as error:
        return _RESULT.dump_json(f"{path.name}: ファイルを開けません（{error.strerror}）。権限を確かめてください。")


def propose_from_file(path: Path) -> dict[str, Value]:
    """Return what `propose_apart` does, read by this process. Raises UnreadableDocumentError, OSError."""
    found, named = _evidence_and_title(path)
    values = {
        "title": named,
        "kind": kind(found, named.value),
        "issuer": issuer(found, named.value),
        "published": publication_date(found),
        "period": period(found, named.value),
        "aliases": aliases(found, named.value),
    }
    return {key: value for key, value in values.items() if value}


def find_title(path: Path) -> str:
    """Return the title that stands in the file at `path`, or the file's name where none surely does."""
    try:
        found = title(evidence(path))
    except UnreadableDocumentError:
        return printable_name(path.stem)  # said once, when the document itself is read
    return str(found.value) if found.sure else printable_name(path.stem)


def _evidence_and_title(path: Path) -> tuple[Evidence, Value]:
    """Return what a file shows and its title; where no title is sure, its first page is looked at as a picture."""
    found = evidence(path)
    named = title(found)
    if named.sure:
        return found, named
    drawn = with_first_page_ocr(found)
    read = title(drawn)
    if drawn is found or not read.sure:
        return found, named
    return drawn, replace(read, sure=False, source=f"{read.source}（画像から読み取り）")
