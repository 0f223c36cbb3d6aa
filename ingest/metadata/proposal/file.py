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
    """Return the proposed manifest values of the file at `path`, without `supersedes`, which needs the other files.

    Raises UnreadableDocumentError if it cannot be read within `limits`.
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
    """Return the proposed values, read in this process. Raises UnreadableDocumentError, OSError."""
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
    """Return the title in the file at `path`, or the file name if no title is certain."""
    try:
        found = title(evidence(path))
    except UnreadableDocumentError:
        return printable_name(path.stem)  # reported when the document itself is read
    return str(found.value) if found.sure else printable_name(path.stem)


def _evidence_and_title(path: Path) -> tuple[Evidence, Value]:
    """Return a file's evidence and title; without a certain title, the first page is read by OCR."""
    found = evidence(path)
    named = title(found)
    if named.sure:
        return found, named
    with_ocr = with_first_page_ocr(found)
    ocr_title = title(with_ocr)
    if with_ocr is found or not ocr_title.sure:
        return found, named
    return with_ocr, replace(ocr_title, sure=False, source=f"{ocr_title.source}（画像から読み取り）")
