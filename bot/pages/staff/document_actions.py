"""Actions on documents: upload, publish, edit, withdraw and restore."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path

from fastapi import Request, UploadFile
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from bot.auth import current_person
from bot.http.problems import UserFacingError
from bot.pages.staff.console import Console, OpenConsole, SentForm, console_router, done
from bot.pages.staff.document_list import check_issuer, parse_entry_form
from bot.pages.staff.staged import delete_staged, load_staged, stage_document
from ingest.configuration.settings import Settings
from ingest.errors import IngestError, ManifestError, NoIndexError, StorageError, UnreadableDocumentError
from ingest.index.document_edits import edit_entry
from ingest.index.generation import load_generation
from ingest.lifecycle.library import add_documents
from ingest.lifecycle.sources import confirm, index_folder
from ingest.lifecycle.withdrawals import restore, withdraw

SOURCES = "/staff/documents/sources"
UPLOAD = "/staff/documents/staged"
WITHDRAWN = "/staff/documents/withdrawn"

log = logging.getLogger(__name__)
router = console_router()


@router.post(UPLOAD)
async def upload_document(request: Request, file: UploadFile, replaces: str = "") -> Response:
    """Stage an uploaded document and return the address of its review."""
    current_person(request).require_publisher()
    content = await file.read()
    return await run_in_threadpool(_stage_upload, request, file.filename or "", content, replaces)


@router.post(UPLOAD + "/{key}")
async def publish_document(request: Request, key: str) -> Response:
    """Add a staged document to the index, with the metadata of the form."""
    current_person(request).require_publisher()
    form = await request.form()
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    replaced = [value for value in form.getlist("supersedes") if isinstance(value, str)]
    return await run_in_threadpool(_publish_staged, request, key, fields, replaced)


@router.put("/staff/documents/{doc_id}/entry")
async def edit_document(request: Request, doc_id: str) -> Response:
    """Change the metadata of a document."""
    person = current_person(request).require_publisher()
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    return await run_in_threadpool(_edit_entry, request, doc_id, form, person.name)


@router.delete(UPLOAD + "/{key}")
def discard_upload(request: Request, key: str) -> Response:
    """Delete a staged document."""
    current_person(request).require_publisher()
    delete_staged(_request_settings(request), key)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.put(WITHDRAWN + "/{doc_id}")
async def withdraw_document(request: Request, doc_id: str) -> Response:
    """Withdraw a document for the reason in the form."""
    person = current_person(request).require_publisher()
    value = (await request.form()).get("reason")
    reason = value if isinstance(value, str) else ""
    return await run_in_threadpool(
        _apply_change, request, lambda settings: withdraw(settings, [doc_id], reason, person.name)
    )


@router.delete(WITHDRAWN + "/{doc_id}")
def restore_document(request: Request, doc_id: str) -> Response:
    """Restore a withdrawn document."""
    person = current_person(request).require_publisher()
    return _apply_change(request, lambda settings: restore(settings, [doc_id], person.name))


def _apply_change(request: Request, change: Callable[[Settings], object]) -> Response:
    settings = _request_settings(request)
    with for_readers(settings):
        change(settings)
    request.app.state.service.documents()  # applies the change now, so that the next question need not wait
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _edit_entry(request: Request, doc_id: str, form: dict[str, str], by: str) -> Response:
    settings = _request_settings(request)
    with for_readers(settings, HTTPStatus.NOT_FOUND):
        try:
            entry = parse_entry_form({**form, "id": doc_id})
            check_issuer(request.app.state.service, entry)
            document = edit_entry(settings, doc_id, entry, by)
        except ManifestError as error:
            raise UserFacingError(HTTPStatus.UNPROCESSABLE_ENTITY, hide_paths(str(error), settings)) from error
    request.app.state.service.documents()
    address = Console(request).link(f"documents/{doc_id}")
    return done(address, f"「{document.title}」を直しました。次の質問から効きます。")


def _stage_upload(request: Request, name: str, content: bytes, replaces: str) -> Response:
    settings = _request_settings(request)
    with for_readers(settings):
        staged = stage_document(settings, name, content, replaces)
    address = Console(request).link(f"documents/staged/{staged.key}")
    return done(address, "読み取りました。内容を確かめてください。")


def _publish_staged(request: Request, key: str, fields: dict[str, str], replaced: list[str]) -> Response:
    settings = _request_settings(request)
    service = request.app.state.service
    entry = parse_entry_form(fields, replaced)
    check_issuer(service, entry)
    staged = load_staged(settings, key)
    earlier = next((state.document for state in service.documents() if state.document.id == staged.replaces), None)
    if earlier and not replaced:
        entry["supersedes"] = list(earlier.supersedes)
    try:
        report, (doc_id,) = add_documents(settings, [staged.path], entry, by=current_person(request).name)
    except (ManifestError, UnreadableDocumentError) as error:
        raise UserFacingError(HTTPStatus.UNPROCESSABLE_ENTITY, hide_paths(str(error), settings)) from error
    except StorageError as error:
        busy = "ほかの取り込みが動いているか、データのフォルダーに書けません。少し待って、もう一度公開してください。"
        raise UserFacingError(HTTPStatus.SERVICE_UNAVAILABLE, busy) from error
    log.info("文書「%s」を %s が公開しました。", doc_id, current_person(request).name)
    delete_staged(settings, key)
    service.follow()  # the publisher's next question is likely about this document
    message = f"公開しました（{report.documents}文書、{report.passages}箇所）。次の質問から、この文書も使って答えます。"
    counts = {
        "id": doc_id,
        "documents": report.documents,
        "passages": report.passages,
        "warnings": [hide_paths(text, settings) for text in report.warnings],
    }
    return done(Console(request).link("documents"), message, **counts)


def _request_settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


@contextmanager
def for_readers(settings: Settings, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY) -> Iterator[None]:
    """Convert an IngestError of the block to a UserFacingError with this status, a StorageError to a 503."""
    try:
        yield
    except StorageError as error:
        raise UserFacingError(HTTPStatus.SERVICE_UNAVAILABLE, hide_paths(str(error), settings)) from error
    except IngestError as error:
        raise UserFacingError(status, hide_paths(str(error), settings)) from error


def hide_paths(text: str, settings: Settings) -> str:
    """Return a message with each path in the data and corpus folders replaced by the name of its file or folder."""
    folders = {settings.data, settings.corpus}
    with suppress(NoIndexError):
        folders |= {Path(corpus) for corpus in load_generation(settings).basis.corpora}
    names = sorted({name for folder in folders for name in (str(folder), str(folder.resolve()))}, key=len, reverse=True)
    path = re.compile(rf"(?<![\w/.-])(?:{'|'.join(map(re.escape, names))})(?:/[^\s「」（）:、。]*|(?![\w/.-]))")
    return path.sub(lambda match: Path(match[0]).name, text)


@router.post(SOURCES)
def confirm_source(console: OpenConsole, form: SentForm) -> JSONResponse:
    """Replace the kept document by the version that was kept aside, and index it."""
    person = console.person.require_publisher()
    with for_readers(console.settings):
        state, folder = confirm(console.settings, form.one("url"), person.name)
        index_folder(console.settings, folder, person.name)
    console.service.follow()
    return done(console.link("documents"), f"「{state.name}」を置き換えました。次の質問から、新しい内容で答えます。")
