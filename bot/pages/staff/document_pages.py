"""Pages of the documents and what is done there: upload, review, publish, edit, withdraw and restore."""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import UploadFile
from fastapi.responses import HTMLResponse, JSONResponse, Response

from bot.errors import UnknownDocumentError
from bot.http.problems import UserFacingError
from bot.pages.reading.document_sections import split_sections
from bot.pages.staff.console import Console, OpenConsole, SentForm, console_router, done
from bot.pages.staff.document_list import (
    KINDS,
    NAMES,
    check_issuer,
    find_warnings,
    list_documents,
    list_issuers,
    offered_days,
    parse_entry_form,
    propose_issuer,
    propose_predecessor,
)
from bot.pages.staff.staged import delete_staged, load_staged, stage_document
from ingest.build.sandboxed_reading import reading_limits
from ingest.configuration.audit import ACTIONS, read_events
from ingest.configuration.settings import Settings
from ingest.documents import Document, ParsedDocument
from ingest.errors import IngestError, ManifestError, NoIndexError, StorageError, UnreadableDocumentError
from ingest.index.generation import load_generation
from ingest.lifecycle.library import add_documents
from ingest.lifecycle.sources.source_list import STATES, read_states
from ingest.lifecycle.sources.synchronise import confirm, index_folder
from ingest.lifecycle.withdrawals import restore, withdraw
from ingest.metadata.document_edits import edit_entry
from ingest.metadata.proposal import ProposedValue, propose_with_limits
from ingest.readers import SUFFIXES

MAX_UPLOAD_MB = 30
"""Enough for a plan of several hundred pages with pictures."""
UPLOAD = "/staff/documents/staged"
WITHDRAWN = "/staff/documents/withdrawn"
_TEXTS: dict[str, Any] = {"kinds": KINDS, "names": NAMES, "suffixes": SUFFIXES, "largest_mb": MAX_UPLOAD_MB}
log = logging.getLogger(__name__)
router = console_router()


@router.get("/staff/documents")
def show_documents(console: OpenConsole) -> HTMLResponse:
    """Return the documents of the index, with an upload form for publishers."""
    sources = [
        replace(state, failure=hide_paths(state.failure, console.settings))
        for state in read_states(console.settings).values()
    ]
    return console.page(
        "documents.html",
        "文書",
        area="documents",
        shelved=list_documents(console.service, console.settings),
        sources=sorted(sources, key=lambda state: not state.needs_attention),
        state_names=STATES,
        **_TEXTS,
    )


@router.get(UPLOAD + "/{key}")
def show_staged(console: OpenConsole, key: str) -> HTMLResponse:
    """Return a staged document for review. Raises StagedError, NotPermittedError."""
    console.person.require_publisher()
    staged = load_staged(console.settings, key)
    states = console.service.documents()
    document = staged.reading.document
    replaced = next((state.document for state in states if state.document.id == staged.replaces), None)
    proposed = staged.proposed if replaced else propose_predecessor(staged.proposed, document.id, states)
    known_issuers = list_issuers(console.service)
    proposed = propose_issuer(proposed, staged.reading, replaced, known_issuers)
    notes = list(find_warnings(staged.reading))
    if not replaced and any(state.document.id == document.id for state in states):
        notes.append(
            f"文書の記号「{document.id}」の文書がもうあります。公開すると、その文書に置き換わります。"
            "別の文書なら記号を変えてください。"
        )
    entry = {**_form_values(document, proposed), "id": replaced.id if replaced else document.id}
    if replaced and "title" not in proposed:
        entry["title"] = replaced.title
    return _document_page(
        console,
        f"「{staged.path.name}」から読み取った内容",
        staged.reading,
        notes=notes,
        entry=entry,
        proposed=proposed,
        known_issuers=known_issuers,
        key=staged.key,
        states=states,
        replacing=replaced,
        one=None,
        acts=(),
    )


@router.get("/staff/documents/{doc_id}")
def show_document(console: OpenConsole, doc_id: str) -> HTMLResponse:
    """Return a document of the index with the form of its metadata. Raises UnknownDocumentError."""
    documents = list_documents(console.service, console.settings)
    listed = next((listed for listed in documents if listed.state.document.id == doc_id), None)
    if listed is None:
        raise UnknownDocumentError(f"文書「{doc_id}」は索引にありません。一覧から選び直してください。")
    document = listed.state.document
    proposed: Mapping[str, ProposedValue] = {}
    if console.fields.one("propose") and listed.state.has_file:
        proposed = propose_with_limits(console.service.original(doc_id).path, reading_limits(console.settings))
    return _document_page(
        console,
        document.title,
        listed.stored.load(),
        notes=listed.notes,
        entry=_form_values(document, proposed),
        proposed=proposed,
        known_issuers=list_issuers(console.service),
        key="",
        states=(),
        replacing=None,
        one=listed,
        acts=list(read_events(console.settings, doc_id))[::-1],
    )


@router.post(UPLOAD)
def upload_document(console: OpenConsole, file: UploadFile, replaces: str = "") -> JSONResponse:
    """Stage an uploaded document and return the address of its review."""
    console.person.require_publisher()
    with _for_readers(console.settings):
        staged = stage_document(console.settings, file.filename or "", file.file.read(), replaces)
    return done(console.link(f"documents/staged/{staged.key}"), "読み取りました。内容を確かめてください。")


@router.post(UPLOAD + "/{key}")
def publish_document(console: OpenConsole, form: SentForm, key: str) -> JSONResponse:
    """Add a staged document to the index, with the metadata of the form."""
    person = console.person.require_publisher()
    service, settings = console.service, console.settings
    entry = parse_entry_form(form)
    check_issuer(service, entry)
    staged = load_staged(settings, key)
    earlier = next((state.document for state in service.documents() if state.document.id == staged.replaces), None)
    if earlier and not entry["supersedes"]:
        entry["supersedes"] = list(earlier.supersedes)
    try:
        report, (doc_id,) = add_documents(settings, [staged.path], entry, by=person.name)
    except (ManifestError, UnreadableDocumentError) as error:
        raise UserFacingError(HTTPStatus.UNPROCESSABLE_ENTITY, hide_paths(str(error), settings)) from error
    except StorageError as error:
        busy = "ほかの取り込みが動いているか、データのフォルダーに書けません。少し待って、もう一度公開してください。"
        raise UserFacingError(HTTPStatus.SERVICE_UNAVAILABLE, busy) from error
    log.info("文書「%s」を %s が公開しました。", doc_id, person.name)
    delete_staged(settings, key)
    service.follow()  # the publisher's next question is likely about this document
    return done(
        console.link("documents"),
        f"公開しました（{report.documents}文書、{report.passages}箇所）。次の質問から、この文書も使って答えます。",
        id=doc_id,
        documents=report.documents,
        passages=report.passages,
        warnings=[hide_paths(text, settings) for text in report.warnings],
    )


@router.delete(UPLOAD + "/{key}")
def discard_upload(console: OpenConsole, key: str) -> Response:
    """Delete a staged document."""
    console.person.require_publisher()
    delete_staged(console.settings, key)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.put("/staff/documents/{doc_id}/entry")
def edit_document(console: OpenConsole, form: SentForm, doc_id: str) -> JSONResponse:
    """Change the metadata of a document."""
    person = console.person.require_publisher()
    with _for_readers(console.settings, HTTPStatus.NOT_FOUND):
        try:
            entry = {**parse_entry_form(form, doc_id), "supersedes": []}
            check_issuer(console.service, entry)
            document = edit_entry(console.settings, doc_id, entry, person.name)
        except ManifestError as error:
            detail = hide_paths(str(error), console.settings)
            raise UserFacingError(HTTPStatus.UNPROCESSABLE_ENTITY, detail) from error
    console.service.documents()
    message = f"「{document.title}」を直しました。次の質問から効きます。"
    return done(console.link(f"documents/{doc_id}"), message)


@router.put(WITHDRAWN + "/{doc_id}")
def withdraw_document(console: OpenConsole, form: SentForm, doc_id: str) -> Response:
    """Withdraw a document for the reason in the form."""
    person = console.person.require_publisher()
    with _for_readers(console.settings):
        withdraw(console.settings, [doc_id], form.one("reason"), person.name)
    console.service.documents()  # applies the change now, so that the next question need not wait
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.delete(WITHDRAWN + "/{doc_id}")
def restore_document(console: OpenConsole, doc_id: str) -> Response:
    """Restore a withdrawn document."""
    person = console.person.require_publisher()
    with _for_readers(console.settings):
        restore(console.settings, [doc_id], person.name)
    console.service.documents()
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post("/staff/documents/sources")
def confirm_source(console: OpenConsole, form: SentForm) -> JSONResponse:
    """Replace the kept document by the version that was kept aside, and index it."""
    person = console.person.require_publisher()
    with _for_readers(console.settings):
        state, folder = confirm(console.settings, form.one("url"), person.name)
        index_folder(console.settings, folder, person.name)
    console.service.follow()
    return done(console.link("documents"), f"「{state.name}」を置き換えました。次の質問から、新しい内容で答えます。")


def hide_paths(text: str, settings: Settings) -> str:
    """Return a message with each path in the data and corpus folders replaced by the name of its file or folder."""
    folders = {settings.data, settings.corpus}
    with suppress(NoIndexError):
        folders |= {Path(corpus) for corpus in load_generation(settings).basis.corpora}
    names = sorted({name for folder in folders for name in (str(folder), str(folder.resolve()))}, key=len, reverse=True)
    path = re.compile(rf"(?<![\w/.-])(?:{'|'.join(map(re.escape, names))})(?:/[^\s「」（）:、。]*|(?![\w/.-]))")
    return path.sub(lambda match: Path(match[0]).name, text)


@contextmanager
def _for_readers(settings: Settings, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY) -> Iterator[None]:
    """Convert an IngestError of the block to a UserFacingError with this status, a StorageError to a 503."""
    try:
        yield
    except StorageError as error:
        raise UserFacingError(HTTPStatus.SERVICE_UNAVAILABLE, hide_paths(str(error), settings)) from error
    except IngestError as error:
        raise UserFacingError(status, hide_paths(str(error), settings)) from error


def _form_values(document: Document, proposed: Mapping[str, ProposedValue]) -> dict[str, Any]:
    period = [document.period.start.isoformat(), document.period.end.isoformat()] if document.period else ["", ""]
    values = {name: getattr(document, name) for name in ("title", "kind", "issuer", "published", "aliases")}
    values |= {"period": period, "url": document.url or ""}
    return values | {key: value.value for key, value in proposed.items() if key in values}


def _document_page(console: Console, title: str, reading: ParsedDocument, **values: Any) -> HTMLResponse:
    sections = split_sections(reading.passages, reading.document.title)
    counts = {
        "見出し": sum(bool(section.heading) for section in sections),
        "表": sum(piece.table is not None for section in sections for piece in section.pieces),
        "箇所": len(reading.passages),
        "除いた行": len(reading.dropped),
    }
    return console.page(
        "document.html",
        title,
        area="documents",
        reading=reading,
        sections=sections,
        counts=counts,
        days=offered_days(reading),
        act_names=ACTIONS,
        **_TEXTS,
        **values,
    )
