"""Pages of the documents: list, one document with its metadata form, and a staged upload."""

from collections.abc import Mapping
from typing import Any

from fastapi.responses import HTMLResponse

from bot.errors import UnknownDocumentError
from bot.pages.staff.console import Console, OpenConsole, console_router
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
from ingest.chunking.document_reading import SUFFIXES
from ingest.configuration.audit import ACTIONS, read_events
from ingest.documents import Document
from ingest.metadata.proposal import Value, propose_with_limits

LARGEST_MB = 30
"""A plan of some hundred pages with its pictures."""
_TEXTS: dict[str, Any] = {"kinds": KINDS, "names": NAMES, "suffixes": SUFFIXES, "largest_mb": LARGEST_MB}


router = console_router()


@router.get("/staff/documents")
def show_documents(console: OpenConsole) -> HTMLResponse:
    """Return the documents of the index, and for publishers the form that takes a new one."""
    listed = list_documents(console.service, console.settings)
    return console.page(
        "documents.html", "文書", area="documents", shelved=listed, publisher=console.person.may_publish, **_TEXTS
    )


@router.get("/staff/documents/staged/{key}")
def show_staged(console: OpenConsole, key: str) -> HTMLResponse:
    """Return what was read of a file before it goes live. Raises StagedError, NotPermittedError."""
    console.person.require_publisher()
    found, states = load_staged(console.settings, key), console.service.documents()
    document = found.reading.document
    replaced = next((one.document for one in states if one.document.id == found.replaces), None)
    proposed = found.proposed if replaced else propose_predecessor(found.proposed, document.id, states)
    known_issuers = list_issuers(console.service)
    proposed = propose_issuer(proposed, found.reading, replaced, known_issuers)
    is_known = any(state.document.id == document.id for state in states)
    clash = (
        f"文書の記号「{document.id}」の文書がもうあります。公開すると、その文書に置き換わります。"
        "別の文書なら記号を変えてください。"
    )
    review = review_document(found.reading)
    entry = {**_form_values(document, proposed), "id": replaced.id if replaced else document.id}
    entry |= {"title": replaced.title} if replaced and "title" not in proposed else {}
    return _document_page(
        console,
        f"「{found.path.name}」から読み取った内容",
        review,
        notes=[*review.warnings, *([clash] if is_known and not replaced else [])],
        entry=entry,
        proposed=proposed,
        known_issuers=known_issuers,
        key=found.key,
        states=states,
        replacing=replaced,
        one=None,
        acts=(),
    )


@router.get("/staff/documents/{doc_id}")
def show_document(console: OpenConsole, doc_id: str) -> HTMLResponse:
    """Return a document of the index with the form of its entry. Raises UnknownDocumentError."""
    listed = list_documents(console.service, console.settings)
    one = next((one for one in listed if one.state.document.id == doc_id), None)
    if one is None:
        raise UnknownDocumentError(f"文書「{doc_id}」は索引にありません。一覧から選び直してください。")
    document = one.state.document
    proposed: Mapping[str, Value] = {}
    if console.fields.one("propose") and one.state.has_file:
        proposed = propose_with_limits(console.service.original(doc_id).path, reading_limits(console.settings))
    return _document_page(
        console,
        document.title,
        review_document(one.kept.load()),
        notes=one.notes,
        entry=_form_values(document, proposed),
        proposed=proposed,
        known_issuers=list_issuers(console.service),
        key="",
        states=(),
        replacing=None,
        one=one,
        acts=list(read_events(console.settings, doc_id))[::-1],
    )


def _form_values(document: Document, proposed: Mapping[str, Value]) -> dict[str, Any]:
    """Return the form's initial values: extracted metadata where there is any, else the manifest entry."""
    period = [document.period.start.isoformat(), document.period.end.isoformat()] if document.period else ["", ""]
    known = {
        "title": document.title,
        "kind": document.kind,
        "issuer": document.issuer,
        "published": document.published,
        "period": period,
        "aliases": list(document.aliases),
        "url": document.url or "",
    }
    return known | {key: value.value for key, value in proposed.items() if key in known}


def _document_page(console: Console, title: str, review: DocumentReview, **values: Any) -> HTMLResponse:
    reading = review.reading
    counts = (
        ("見出し", sum(bool(one.heading) for one in review.sections)),
        ("表", sum(piece.table is not None for one in review.sections for piece in one.pieces)),
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
