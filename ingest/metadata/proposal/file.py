"""Proposes the manifest values of one file, in a process with limits."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ingest.corpus import printable_name
from ingest.errors import UnreadableDocumentError
from ingest.japanese.today import today
from ingest.metadata.proposal.document_dates import period, publication_date
from ingest.metadata.proposal.file_evidence import FileEvidence, ProposedValue, read_file_evidence, with_first_page_ocr
from ingest.metadata.proposal.issuer_and_kind import aliases, issuer, kind
from ingest.metadata.proposal.title import title
from ingest.sandbox.parallel import ChildEndedError, Limits, run_in_child

_RESULT: TypeAdapter[dict[str, ProposedValue] | str] = TypeAdapter(dict[str, ProposedValue] | str)


def propose_with_limits(path: Path, limits: Limits) -> dict[str, ProposedValue]:
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


def propose_from_file(path: Path) -> dict[str, ProposedValue]:
    """Return the proposed values, read in this process. Raises UnreadableDocumentError, OSError."""
    evidence, proposed_title = _evidence_and_title(path)
    values = {
        "title": proposed_title,
        "kind": kind(evidence, proposed_title.value),
        "issuer": issuer(evidence, proposed_title.value),
        "published": publication_date(evidence),
        "period": period(evidence, proposed_title.value),
        "aliases": aliases(evidence, proposed_title.value),
    }
    return {key: value for key, value in values.items() if value}


def find_title(path: Path) -> str:
    """Return the title in the file at `path`, or the file name if no title is certain."""
    return str(find_fields(path)["title"])


def find_fields(path: Path) -> dict[str, Any]:
    """Return the fields of `Document` that are certain from the file at `path`: `kind`, `date_in_text` and `title`.

    Without a certain title it is the file name. A date after the current day is not that of the document.
    """
    try:
        evidence = read_file_evidence(path)
    except UnreadableDocumentError:
        return {"title": printable_name(path.stem)}  # reported when the document itself is read
    proposed_title = title(evidence)
    name = str(proposed_title.value)
    proposed_kind, day = kind(evidence, name), publication_date(evidence)
    fields: dict[str, Any] = {"title": name if proposed_title.sure else printable_name(path.stem)}
    if proposed_kind.sure:
        fields["kind"] = proposed_kind.value
    if day and day.sure and day.value <= today().isoformat():
        fields["date_in_text"] = day.value
    return fields


def _evidence_and_title(path: Path) -> tuple[FileEvidence, ProposedValue]:
    """Return a file's evidence and title; without a certain title, the first page is read by OCR."""
    collected = read_file_evidence(path)
    proposed = title(collected)
    if proposed.sure:
        return collected, proposed
    with_ocr = with_first_page_ocr(collected)
    ocr_title = title(with_ocr)
    if with_ocr is collected or not ocr_title.sure:
        return collected, proposed
    return with_ocr, replace(ocr_title, sure=False, source=f"{ocr_title.source}（画像から読み取り）")
