"""The addresses of the documents' view: the list, a document handed in, looked at, published or taken back.

And one that is withdrawn, or answers again.
"""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, UploadFile
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from bot.errors import StagedError
from bot.sign_in import who
from bot.ui.staff import render
from bot.ui.staff.shelf import KINDS, entry_of, shelf, understood, with_predecessor
from bot.ui.staff.staged import forget, stage, staged
from bot.web.problems import ReaderError
from ingest.errors import IngestError, ManifestError, StorageError, UnreadableDocumentError
from ingest.library import add
from ingest.settings import Settings
from ingest.withdrawn import restore, withdraw

UPLOAD = "/staff/documents/staged"
WITHDRAWN = "/staff/documents/withdrawn"
# A plan of some hundred pages with its pictures.
LARGEST_MB = 30

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)


@router.get("/staff/documents")
def documents(request: Request) -> Response:
    """Return the list of the documents as a part of the page."""
    shelved = shelf(request.app.state.service, _settings(request))
    publisher = who(request).may_publish
    return HTMLResponse(render.fragment("shelf.html", shelved=shelved, kinds=KINDS, publisher=publisher))


@router.post(UPLOAD)
async def hand_in(request: Request, file: UploadFile) -> Response:
    """Keep a document aside and return what was read of it as a part of the page."""
    who(request).as_publisher()
    content = await file.read()
    return await run_in_threadpool(_handed_in, request, file.filename or "", content)


@router.post(UPLOAD + "/{key}")
async def publish(request: Request, key: str) -> Response:
    """Take the document into the index, with what the form says of it."""
    who(request).as_publisher()
    form = await request.form()
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    replaced = [value for value in form.getlist("supersedes") if isinstance(value, str)]
    return await run_in_threadpool(_published, request, key, fields, replaced)


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


def _handed_in(request: Request, name: str, content: bytes) -> Response:
    try:
        handed_in = stage(_settings(request), name, content)
    except (StagedError, UnreadableDocumentError) as error:
        raise ReaderError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
    states = request.app.state.service.documents()
    known = {state.document.id for state in states}
    shown = understood(handed_in.reading)
    given = {"key": handed_in.key, "file": handed_in.path.name, "states": states, "known": known, "kinds": KINDS}
    proposed = with_predecessor(handed_in.proposed, handed_in.reading.document.id, states)
    return HTMLResponse(render.fragment("preview.html", shown=shown, proposed=proposed, **given))


def _published(request: Request, key: str, fields: dict[str, str], replaced: list[str]) -> Response:
    settings, service = _settings(request), request.app.state.service
    try:
        file = staged(settings, key)
        report, (doc_id,) = add(settings, [file], entry_of(fields, replaced), by=who(request).name)
    except (StagedError, ManifestError, UnreadableDocumentError) as error:
        raise ReaderError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
    except StorageError as error:
        busy = "ほかの取り込みが動いているか、データのフォルダーに書けません。少し待って、もう一度公開してください。"
        raise ReaderError(HTTPStatus.SERVICE_UNAVAILABLE, busy) from error
    log.info("文書「%s」を %s が公開しました。", doc_id, who(request).name)
    forget(settings, key)
    service.documents()  # opens the new index, so that the next question does not wait for it
    told: dict[str, Any] = {"id": doc_id, "documents": report.documents, "passages": report.passages}
    return JSONResponse(told | {"warnings": report.warnings})


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
