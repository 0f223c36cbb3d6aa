"""Pages of the documents: list, one document with its metadata form, and a staged upload."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi.responses import HTMLResponse

from bot.errors import UnknownDocumentError
from bot.pages.staff.console import Console, OpenConsole, console_router
from bot.pages.staff.document_actions import hide_paths
from bot.pages.staff.document_list import (
    KINDS,
    NAMES,
    DocumentReview,
    list_documents,
    list_issuers,
    propose_issuer,
    propose_predecessor,
    review_document,
)
from bot.pages.staff.staged import load_staged
from ingest.build.sandboxed_reading import reading_limits
from ingest.configuration.audit import ACTIONS, read_events
from ingest.documents import Document
from ingest.lifecycle.sources import STATES, SourceState, read_states
from ingest.metadata.proposal import ProposedValue, propose_with_limits
from ingest.readers import SUFFIXES

MAX_UPLOAD_MB = 30
"""Enough for a plan of several hundred pages with pictures."""
_TEXTS: dict[str, Any] = {"kinds": KINDS, "names": NAMES, "suffixes": SUFFIXES, "largest_mb": MAX_UPLOAD_MB}
router = console_router()


@router.get("/staff/documents")
def show_documents(console: OpenConsole) -> HTMLResponse:
    """Return the documents of the index, with an upload form for publishers."""
    listed = list_documents(console.service, console.settings)
    return console.page(
        "documents.html",
        "文書",
        area="documents",
        shelved=listed,
        sources=_list_sources(console),
        state_names=STATES,
        publisher=console.person.may_publish,
        **_TEXTS,
    )


def _list_sources(console: Console) -> list[SourceState]:
    states = [
        replace(state, failure=hide_paths(state.failure, console.settings))
        for state in read_states(console.settings).values()
    ]
    return sorted(states, key=lambda state: not state.needs_attention)


@router.get("/staff/documents/staged/{key}")
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
    review = review_document(staged.reading)
    notes = list(review.warnings)
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
        review,
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
        review_document(listed.stored.load()),
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


def _form_values(document: Document, proposed: Mapping[str, ProposedValue]) -> dict[str, Any]:
    period = [document.period.start.isoformat(), document.period.end.isoformat()] if document.period else ["", ""]
    manifest_values = {
        "title": document.title,
        "kind": document.kind,
        "issuer": document.issuer,
        "published": document.published,
        "period": period,
        "aliases": list(document.aliases),
        "url": document.url or "",
    }
    return manifest_values | {key: value.value for key, value in proposed.items() if key in manifest_values}


def _document_page(console: Console, title: str, review: DocumentReview, **values: Any) -> HTMLResponse:
    reading = review.reading
    counts = (
        ("見出し", sum(bool(section.heading) for section in review.sections)),
        ("表", sum(piece.table is not None for section in review.sections for piece in section.pieces)),
        ("箇所", len(reading.passages)),
        ("除いた行", len(reading.dropped)),
    )
    return console.page(
        "document.html",
        title,
        area="documents",
        shown=review,
        counts=counts,
        days=review.days,
        digest=reading.document.digest,
        publisher=console.person.may_publish,
        act_names=ACTIONS,
        **_TEXTS,
        **values,
    )
