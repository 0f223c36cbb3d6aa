"""Proposes the manifest values of one file, in a process with limits."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ingest.corpus import printable_name
from ingest.errors import UnreadableDocumentError
from ingest.japanese.today import today
from ingest.metadata.proposal.document_dates import propose_period, propose_publication_date
from ingest.metadata.proposal.file_evidence import FileEvidence, ProposedValue, read_file_evidence, with_first_page_ocr
from ingest.metadata.proposal.issuer_and_kind import propose_aliases, propose_issuer, propose_kind
from ingest.metadata.proposal.title import propose_title
from ingest.sandbox.limited_process import ChildEndedError, Limits, run_in_child

_RESULT: TypeAdapter[dict[str, ProposedValue] | str] = TypeAdapter(dict[str, ProposedValue] | str)


def propose_with_limits(path: Path, limits: Limits) -> dict[str, ProposedValue]:
    """Return the proposed manifest values of the file at `path`, except those that name other documents.

    Raises UnreadableDocumentError if it cannot be read within `limits`.
    """
    try:
        result = _RESULT.validate_json(run_in_child(_propose_as_json, path, limits=limits))
    except ChildEndedError as error:
        raise UnreadableDocumentError(
            f"{path.name}: 読み取りに時間かメモリーがかかりすぎるので、やめました。"
        ) from error
    if isinstance(result, str):
        raise UnreadableDocumentError(result)
    return result


def _propose_as_json(path: Path) -> bytes:
    try:
        return _RESULT.dump_json(propose_from_file(path))
    except UnreadableDocumentError as error:
        return _RESULT.dump_json(str(error))
    except OSError as error:
        return _RESULT.dump_json(f"{path.name}: ファイルを開けません（{error.strerror}）。権限を確かめてください。")


def propose_from_file(path: Path) -> dict[str, ProposedValue]:
    """Return the proposed values, read in this process. Raises UnreadableDocumentError, OSError."""
    evidence, proposed_title = _evidence_and_title(path)
    title = str(proposed_title.value)
    values = {
        "title": proposed_title,
        "kind": propose_kind(evidence, title),
        "issuer": propose_issuer(evidence, title),
        "published": propose_publication_date(evidence),
        "period": propose_period(evidence, title),
        "aliases": propose_aliases(evidence, title),
    }
    return {key: value for key, value in values.items() if value}


def find_title(path: Path) -> str:
    """Return the title in the file at `path`, or the file name if no title is certain."""
    return str(find_fields(path)["title"])


def find_fields(path: Path) -> dict[str, Any]:
    """Return the fields of `Document` that are certain from the file at `path`: `kind`, `date_in_text` and `title`.

    Without a certain title it is the file name. A date after the current day is not the document's date.
    """
    try:
        evidence = read_file_evidence(path)
    except UnreadableDocumentError:
        return {"title": printable_name(path.stem)}  # reported when the document itself is read
    proposed_title = propose_title(evidence)
    title = str(proposed_title.value)
    kind = propose_kind(evidence, title)
    day = propose_publication_date(evidence)
    fields: dict[str, Any] = {"title": title if proposed_title.sure else printable_name(path.stem)}
    if kind.sure:
        fields["kind"] = kind.value
    if day and day.sure and day.value <= today().isoformat():
        fields["date_in_text"] = day.value
    return fields


def _evidence_and_title(path: Path) -> tuple[FileEvidence, ProposedValue]:
    evidence = read_file_evidence(path)
    title = propose_title(evidence)
    if title.sure:
        return evidence, title
    ocr_evidence = with_first_page_ocr(evidence)
    ocr_title = propose_title(ocr_evidence)
    if ocr_evidence is evidence or not ocr_title.sure:
        return evidence, title
    return ocr_evidence, replace(ocr_title, sure=False, source=f"{ocr_title.source}（画像から読み取り）")
