"""The addresses of the documents' view: a document handed in, published or taken back, described anew, withdrawn."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, UploadFile
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from bot.http.problems import ReaderError
from bot.sign_in import who
from bot.ui.staff.shelf import check_issuer, entry_of
from bot.ui.staff.staged import forget, stage, staged
from bot.ui.views import link
from ingest.edited import edit
from ingest.errors import IngestError, ManifestError, StorageError, UnreadableDocumentError
from ingest.library import add
from ingest.settings import Settings
from ingest.withdrawn import restore, withdraw

UPLOAD = "/staff/documents/staged"
WITHDRAWN = "/staff/documents/withdrawn"

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)


@router.post(UPLOAD)
async def hand_in(request: Request, file: UploadFile, replaces: str = "") -> Response:
    """Keep a document aside, and return where what was read of it is looked at."""
    who(request).as_publisher()
    content = await file.read()
    return await run_in_threadpool(_handed_in, request, file.filename or "", content, replaces)


@router.post(UPLOAD + "/{key}")
async def publish(request: Request, key: str) -> Response:
    """Take the document into the index, with what the form says of it."""
    who(request).as_publisher()
    form = await request.form()
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    replaced = [value for value in form.getlist("supersedes") if isinstance(value, str)]
    return await run_in_threadpool(_published, request, key, fields, replaced)


@router.put("/staff/documents/{doc_id}/entry")
async def describe(request: Request, doc_id: str) -> Response:
    """Change what is said of a document: its title, its period and their like."""
    person = who(request).as_publisher()
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    return await run_in_threadpool(_described, request, doc_id, form, person.name)


@router.delete(UPLOAD + "/{key}")
def take_back(request: Request, key: str) -> Response:
    """Leave nothing of the document."""
    who(request).as_publisher()
    forget(_settings(request), key)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.put(WITHDRAWN + "/{doc_id}")
async def withdraw_document(request: Request, doc_id: str) -> Response:
    """Take a document out of answering, for the reason that the form gives."""
    person = who(request).as_publisher()
    reason = (await request.form()).get("reason")
    given = reason if isinstance(reason, str) else ""
    return await run_in_threadpool(_changed, request, lambda out: withdraw(out, [doc_id], given, person.name))


@router.delete(WITHDRAWN + "/{doc_id}")
def restore_document(request: Request, doc_id: str) -> Response:
    """Let a document answer again."""
    person = who(request).as_publisher()
    return _changed(request, lambda out: restore(out, [doc_id], person.name))


def _changed(request: Request, change: Callable[[Settings], object]) -> Response:
    try:
        change(_settings(request))
    except StorageError as error:
        raise ReaderError(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from error
    except IngestError as error:
        raise ReaderError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
    request.app.state.service.documents()  # what answers from now on, so that the next question does not wait for it
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _described(request: Request, doc_id: str, form: dict[str, str], by: str) -> Response:
    try:
        entry = entry_of({**form, "id": doc_id})
        check_issuer(request.app.state.service, entry)
        document = edit(_settings(request), doc_id, entry, by)
    except ManifestError as error:
        raise ReaderError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
    except IngestError as error:
        raise ReaderError(HTTPStatus.NOT_FOUND, str(error)) from error
    request.app.state.service.documents()
    told = f"「{document.title}」を直しました。次の質問から効きます。"
    return JSONResponse({"at": link("document", id=doc_id)[1:], "told": told})


def _handed_in(request: Request, name: str, content: bytes, replaces: str) -> Response:
    try:
        handed_in = stage(_settings(request), name, content, replaces)
    except UnreadableDocumentError as error:
        raise ReaderError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
    at = link("document", staged=handed_in.key)[1:]
    return JSONResponse({"at": at, "told": "読み取りました。内容を確かめてください。"})


def _published(request: Request, key: str, fields: dict[str, str], replaced: list[str]) -> Response:
    settings, service = _settings(request), request.app.state.service
    entry = entry_of(fields, replaced)
    check_issuer(service, entry)
    try:
        report, (doc_id,) = add(settings, [staged(settings, key).path], entry, by=who(request).name)
    except (ManifestError, UnreadableDocumentError) as error:
        raise ReaderError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
    except StorageError as error:
        busy = "ほかの取り込みが動いているか、データのフォルダーに書けません。少し待って、もう一度公開してください。"
        raise ReaderError(HTTPStatus.SERVICE_UNAVAILABLE, busy) from error
    log.info("文書「%s」を %s が公開しました。", doc_id, who(request).name)
    forget(settings, key)
    service.follow()  # who publishes a document asks for it next
    counted = f"{report.documents}文書、{report.passages}箇所"
    told: dict[str, Any] = {"id": doc_id, "documents": report.documents, "passages": report.passages, "at": "documents"}
    told |= {
        "told": f"公開しました（{counted}）。次の質問から、この文書も使って答えます。",
        "warnings": report.warnings,
    }
    return JSONResponse(told)


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
