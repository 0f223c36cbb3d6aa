"""Views of the documents: list, one document with its metadata form, and a staged upload."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.auth import Person
from bot.errors import UnknownDocumentError
from bot.pages.staff import render
from bot.pages.staff.context import Context
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
from bot.pages.views import Address, DrawnView, View
from ingest.build.sandboxed_reading import reading_limits
from ingest.chunking.document_reading import SUFFIXES
from ingest.configuration.audit import ACTIONS, read_events
from ingest.documents import Document, ParsedDocument
from ingest.metadata.proposal import Value, propose_with_limits

LARGEST_MB = 30
"""A plan of some hundred pages with its pictures."""


def _draw_list(context: Context, _at: Address, by: Person) -> DrawnView:
    shelved = list_documents(context.service, context.settings)
    return DrawnView(_html("documents.html", shelved=shelved, publisher=by.may_publish))


def _draw_document(context: Context, at: Address, by: Person) -> DrawnView:
    return _draw_staged(context, at, by) if at.one("staged") else _draw_indexed(context, at, by)


def _draw_staged(context: Context, at: Address, by: Person) -> DrawnView:
    """Draw what was read of a file before it goes live. Raises StagedError, NotPermittedError."""
    found, states = load_staged(context.settings, at.one("staged")), context.service.documents()
    document = found.reading.document
    replaced = next((one.document for one in states if one.document.id == found.replaces), None)
    proposed = found.proposed if replaced else propose_predecessor(found.proposed, document.id, states)
    known_issuers = list_issuers(context.service)
    proposed = propose_issuer(proposed, found.reading, replaced, known_issuers)
    by.require_publisher()
    known = any(state.document.id == document.id for state in states)
    clash = (
        f"文書の記号「{document.id}」の文書がもうあります。公開すると、その文書に置き換わります。"
        "別の文書なら記号を変えてください。"
    )
    shown = review_document(found.reading)
    notes = [*shown.warnings, *([clash] if known and not replaced else [])]
    given = {"key": found.key, "file": found.path.name, "states": states, "replacing": replaced, "one": None}
    entry = {**_form_values(document, proposed), "id": replaced.id if replaced else document.id}
    entry |= {"title": replaced.title} if replaced and "title" not in proposed else {}
    return DrawnView(_document(shown, notes, entry, proposed, by, known_issuers=known_issuers, **given))


def _draw_indexed(context: Context, at: Address, by: Person) -> DrawnView:
    """Draw a document of the index. Raises UnknownDocumentError."""
    one = next(
        (one for one in list_documents(context.service, context.settings) if one.state.document.id == at.one("id")),
        None,
    )
    if one is None:
        raise UnknownDocumentError(f"文書「{at.one('id')}」は索引にありません。一覧から選び直してください。")
    document = one.state.document
    proposed: Mapping[str, Value] = {}
    if at.one("propose") and one.state.has_file:
        proposed = propose_with_limits(context.service.original(document.id).path, reading_limits(context.settings))
    told = list(read_events(context.settings, document.id))[::-1]
    given = {"key": "", "states": (), "replacing": None, "one": one, "acts": told}
    shown = review_document(one.kept.load())
    known_issuers = list_issuers(context.service)
    entry = _form_values(document, proposed)
    html = _document(shown, one.notes, entry, proposed, by, known_issuers=known_issuers, **given)
    return DrawnView(html, document.digest)


def _form_values(document: Document, proposed: Mapping[str, Value]) -> dict[str, Any]:
    """Return what stands in the form: what the file itself tells, where that was looked for, else what is known."""
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


def _document(
    shown: DocumentReview,
    notes: Sequence[str],
    entry: Mapping[str, Any],
    proposed: Mapping[str, Value],
    by: Person,
    **given: Any,
) -> str:
    reading: ParsedDocument = shown.reading
    counts = (
        ("見出し", sum(bool(one.heading) for one in shown.sections)),
        ("表", sum(piece.table is not None for one in shown.sections for piece in one.pieces)),
        ("箇所", len(reading.passages)),
        ("除いた行", len(reading.dropped)),
    )
    told = {"shown": shown, "notes": notes, "entry": entry, "proposed": proposed, "counts": counts, "days": shown.days}
    told |= {"digest": reading.document.digest, "publisher": by.may_publish, "acts": (), "act_names": ACTIONS}
    return _html("document.html", **{**told, **given})


def _html(template: str, **given: Any) -> str:
    return render.render_fragment(template, kinds=KINDS, names=NAMES, suffixes=SUFFIXES, largest_mb=LARGEST_MB, **given)


DOCUMENTS = View(_draw_list)
DOCUMENT = View(_draw_document, area="documents")
