"""Pages of the documents and what is done there: upload, review, publish, edit, withdraw and restore."""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import UploadFile
from fastapi.responses import HTMLResponse, JSONResponse, Response

from bot.answering.languages import catalogue
from bot.answering.rendering.date_format import format_time
from bot.channels.pages.reading.document_sections import split_sections
from bot.desk.pages.console import Console, OpenConsole, SentForm, console_router, done
from bot.desk.pages.staged import delete_staged, load_staged, stage_document
from bot.errors import StagedError, UnknownDocumentError
from bot.running.http.form_fields import Fields
from bot.running.http.problems import UserFacingError
from bot.running.service.document_state import DocumentState
from bot.running.service.service import Service
from ingest.configuration.audit import ACTIONS, read_events
from ingest.configuration.settings import Settings
from ingest.corpus import NO_ISSUER_MESSAGE
from ingest.documents import Document, ParsedDocument
from ingest.errors import IngestError, NoIndexError, StorageError
from ingest.index.generation import load_generation
from ingest.japanese import dates, nfkc
from ingest.lifecycle.library import add_documents
from ingest.lifecycle.synchronise import confirm, index_folder
from ingest.metadata.document_states import ListedDocument, edit_entry, list_documents, restore, withdraw
from ingest.metadata.document_table import SYNC_STATES, read_source_states
from ingest.metadata.manifest import read_entry
from ingest.metadata.proposal import ProposedValue
from ingest.passages.document_reading import unread_parts_warning
from ingest.readers import SUFFIXES
from ingest.readers.faq_file import is_row

MAX_UPLOAD_MB = 30
"""Enough for a plan of several hundred pages with pictures."""
# Issuers that are named to staff.
_MAX_NAMED = 4
NAMES = {
    "id": "文書の記号（ID）",
    "title": "題名",
    "kind": "種類",
    "issuer": "発行者",
    "published": "公表した日",
    "period": "対象の期間",
    "supersedes": "置き換える文書",
    "aliases": "ほかの呼び名",
    "url": "原文のアドレス",
}
# Form fields whose names differ from the manifest.
_FIELDS = {"period": "from"}
UPLOAD = "/staff/documents/staged"
WITHDRAWN = "/staff/documents/withdrawn"
_TEXTS: dict[str, Any] = {
    "kinds": catalogue()["kinds"],
    "names": NAMES,
    "suffixes": SUFFIXES,
    "largest_mb": MAX_UPLOAD_MB,
}
log = logging.getLogger(__name__)
router = console_router()


@dataclass(frozen=True, slots=True)
class _Shown:
    state: DocumentState
    listed: ListedDocument
    warnings: tuple[str, ...]

    @property
    def notes(self) -> list[str]:
        return [*filter(None, self.warnings), *_find_warnings(self.listed.reading)]


def _shown_documents(console: Console) -> list[_Shown]:
    service, settings = console.service, console.settings
    states = {state.document.id: state for state in service.documents()}
    is_issuer_needed = len(list_issuers(service)) > 1
    shown = []
    for listed in list_documents(settings, load_generation(settings, service.generation)):
        document, row = listed.document, listed.row
        reason = f"取り下げの理由：{row.reason}（{row.by}、{format_time(row.at)}）" if row.is_withdrawn else ""
        issuer = NO_ISSUER_MESSAGE if is_issuer_needed and not document.issuer else ""
        if row.is_withdrawn or document.id in states:
            state = states.get(document.id) or DocumentState(document)
            shown.append(_Shown(state, listed, (reason, listed.ending, issuer)))
    shown.sort(key=lambda one: one.state.document.published, reverse=True)
    return sorted(shown, key=lambda one: one.listed.row.is_withdrawn)


@router.get("/staff/documents")
def show_documents(console: OpenConsole) -> HTMLResponse:
    sources = [
        (doc_id, replace(state, reason=hide_paths(state.reason, console.settings)))
        for doc_id, state in read_source_states(console.settings).items()
    ]
    return console.page(
        "documents.html",
        "文書",
        area="documents",
        shelved=[one for one in _shown_documents(console) if not is_row(one.state.document)],
        faq_files=console.faq.files(),
        sources=sorted(sources, key=lambda source: not source[1].needs_attention),
        state_names=SYNC_STATES,
        **_TEXTS,
    )


@router.get(UPLOAD + "/{key}")
def show_staged(console: OpenConsole, key: str) -> HTMLResponse:
    console.person.require_publisher()
    staged = load_staged(console.settings, key)
    states = console.service.documents()
    document = staged.reading.document
    replaced = next((state.document for state in states if state.document.id == staged.replaces), None)
    notes = list(_find_warnings(staged.reading))
    if not replaced and any(state.document.id == document.id for state in states):
        notes.append(
            f"文書の記号「{document.id}」の文書がもうあります。公開すると、その文書に置き換わります。"
            "別の文書なら記号を変えてください。"
        )
    return _document_page(
        console,
        f"「{staged.path.name}」から読み取った内容",
        staged.reading,
        notes=notes,
        entry=_form_values(replaced or document, staged.proposed),
        proposed=staged.proposed,
        key=staged.key,
        states=states,
        replacing=replaced,
        one=None,
        acts=(),
    )


@router.get("/staff/documents/{doc_id}")
def show_document(console: OpenConsole, doc_id: str) -> HTMLResponse:
    shown = next((one for one in _shown_documents(console) if one.state.document.id == doc_id), None)
    if shown is None:
        raise UnknownDocumentError(doc_id)
    document = shown.state.document
    return _document_page(
        console,
        document.title,
        shown.listed.reading,
        notes=shown.notes,
        entry=_form_values(document, {}),
        proposed={},
        key="",
        states=(),
        replacing=None,
        one=shown,
        acts=list(read_events(console.settings, doc_id))[::-1],
    )


@router.post(UPLOAD)
def upload_document(console: OpenConsole, file: UploadFile, replaces: str = "") -> JSONResponse:
    console.person.require_publisher()
    with for_readers(console.settings):
        staged = stage_document(console.settings, file.filename or "", file.file.read(), replaces)
    return done(console.link(f"documents/staged/{staged.key}"), "読み取りました。内容を確かめてください。")


@router.post(UPLOAD + "/{key}")
def publish_document(console: OpenConsole, form: SentForm, key: str) -> JSONResponse:
    person = console.person.require_publisher()
    service, settings = console.service, console.settings
    entry = _parse_entry(console, form)
    staged = load_staged(settings, key)
    earlier = next((state.document for state in service.documents() if state.document.id == staged.replaces), None)
    if earlier and not entry["supersedes"]:
        entry["supersedes"] = list(earlier.supersedes)
    with for_readers(settings):
        report, (doc_id,) = add_documents(settings, [staged.path], entry, by=person.name)
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
    console.person.require_publisher()
    delete_staged(console.settings, key)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.put("/staff/documents/{doc_id}/entry")
def edit_document(console: OpenConsole, form: SentForm, doc_id: str) -> JSONResponse:
    person = console.person.require_publisher()
    with for_readers(console.settings):
        document = edit_entry(console.settings, doc_id, _parse_entry(console, form, doc_id), person.name)
    console.service.documents()
    message = f"「{document.title}」を直しました。次の質問から効きます。"
    return done(console.link(f"documents/{doc_id}"), message)


@router.put(WITHDRAWN + "/{doc_id}")
def withdraw_document(console: OpenConsole, form: SentForm, doc_id: str) -> Response:
    person = console.person.require_publisher()
    with for_readers(console.settings):
        withdraw(console.settings, [doc_id], form.one("reason"), person.name)
    console.service.documents()  # applies the change now, so that the next question need not wait
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.delete(WITHDRAWN + "/{doc_id}")
def restore_document(console: OpenConsole, doc_id: str) -> Response:
    person = console.person.require_publisher()
    with for_readers(console.settings):
        restore(console.settings, [doc_id], person.name)
    console.service.documents()
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post("/staff/documents/sources")
def confirm_source(console: OpenConsole, form: SentForm) -> JSONResponse:
    """Replace the kept document by the version that was kept aside, and index it."""
    person = console.person.require_publisher()
    with for_readers(console.settings):
        folder = confirm(console.settings, form.one("id"), person.name)
        index_folder(console.settings, folder, person.name)
    console.service.follow()
    return done(console.link("documents"), "置き換えました。次の質問から、新しい内容で答えます。")


def hide_paths(text: str, settings: Settings) -> str:
    """Return a message with each path in the data and corpus folders replaced by the name of its file or folder."""
    folders = {settings.data, settings.corpus}
    with suppress(NoIndexError):
        folders |= {Path(corpus) for corpus in load_generation(settings).basis.corpora}
    names = sorted({name for folder in folders for name in (str(folder), str(folder.resolve()))}, key=len, reverse=True)
    path = re.compile(rf"(?<![\w/.-])(?:{'|'.join(map(re.escape, names))})(?:/[^\s「」（）:、。]*|(?![\w/.-]))")
    return path.sub(lambda match: Path(match[0]).name, text)


@contextmanager
def for_readers(settings: Settings) -> Iterator[None]:
    """Turn the errors of the body that concern a file into problems for who handed it in."""
    try:
        yield
    except IngestError as error:
        is_ours = isinstance(error, StorageError)  # a full disk, another writer
        status = HTTPStatus.SERVICE_UNAVAILABLE if is_ours else HTTPStatus.UNPROCESSABLE_ENTITY
        raise UserFacingError(status, hide_paths(str(error), settings)) from error


def _form_values(document: Document, proposed: Mapping[str, ProposedValue]) -> dict[str, Any]:
    period = [document.period.start.isoformat(), document.period.end.isoformat()] if document.period else ["", ""]
    values = {name: getattr(document, name) for name in ("id", "title", "kind", "issuer", "published", "aliases")}
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
        known_issuers=list_issuers(console.service),
        act_names=ACTIONS,
        **_TEXTS,
        **values,
    )


def list_issuers(service: Service) -> tuple[str, ...]:
    """Return the issuers of the index in alphabetical order; none without an index."""
    try:
        states = service.documents()
    except NoIndexError:
        return ()
    return tuple(sorted({state.document.issuer for state in states if state.document.issuer}))


def _find_warnings(reading: ParsedDocument) -> tuple[str, ...]:
    warnings = [unread_parts_warning(reading)]
    if injected := [passage.section for passage in reading.passages if passage.withheld]:
        sections = "、".join(injected[:3])
        warnings.append(
            f"機械への命令か、暗証番号などを求める文があるので、{len(injected)}箇所からは答えません（{sections}）。"
        )
    return tuple(filter(None, warnings))


def _parse_entry(console: Console, form: Fields, doc_id: str = "") -> dict[str, Any]:
    entry = parse_entry_form(form, doc_id)
    if not entry.get("issuer") and len(issuers := list_issuers(console.service)) > 1:
        raise StagedError(
            f"発行者を書いてください。索引には{'、'.join(issuers[:_MAX_NAMED])}などの文書があり、"
            "発行者のない文書は、市町村の名前を挙げた質問では見つかりません。",
            "issuer",
        )
    return entry


def parse_entry_form(form: Fields, doc_id: str = "") -> dict[str, Any]:
    """Return a form as a manifest entry, with another id where one is given.

    Raises StagedError with the expected value of each wrong field.
    """
    texts = {name: form.one(name) for name in ("id", "title", "kind", "issuer", "published", "url")}
    entry: dict[str, Any] = {name: text for name, text in texts.items() if text}
    if doc_id:
        entry["id"] = doc_id
    if "published" in entry:
        entry["published"] = _parse_publication_date(texts["published"])
    period = [form.one("from"), form.one("until")]
    if any(period) and not all(period):
        missing = "初日" if period[1] else "末日"
        raise StagedError(
            f"対象の期間の{missing}も入れてください。決まっていなければ、初日と末日をどちらも空にします。",
            "from" if period[1] else "until",
        )
    if all(period):
        entry["period"] = period
    entry["supersedes"] = form.all("supersedes")
    entry["aliases"] = [alias.strip() for alias in form.one("aliases").split("、") if alias.strip()]
    _, problems, _ = read_entry({"file": "document.md", **entry})
    if problems:
        messages = (f"{NAMES[key]}{problem.removeprefix(key).lstrip()}" for key, problem in problems.items())
        key = next(iter(problems))
        raise StagedError("".join(messages), _FIELDS.get(key, key))
    return entry


def _parse_publication_date(text: str) -> str:
    normalised = nfkc(text)
    mentions = dates(normalised)
    if [normalised[mention.start : mention.end] for mention in mentions] != [normalised]:
        return text
    return mentions[0].iso_text or text
