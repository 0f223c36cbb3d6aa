"""Routes under `/documents`: list, read, search and compare documents."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from bot.errors import UnknownDocumentError
from bot.http.limits import enforce_rate_limit
from bot.pages.reading.comparison import compare_sections
from bot.pages.reading.consolidated import amending_documents, shown_provisions
from bot.pages.reading.document import page_ranges, passage_anchor, sections_around, split_sections
from bot.pages.reading.overview_box import FindAddress, make_overview_box
from bot.pages.reading.page_responses import PageRoute, WithdrawnError, page_response, part_response, server_root
from bot.rendering.html.date_format import format_day
from bot.rendering.html.display_preferences import request_preferences
from bot.rendering.html.text_spans import find_common_words
from bot.runtime.service_interface import AnswerService, DocumentState
from bot.state import Hit
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.today import today
from ingest.lifecycle.withdrawals import read_withdrawals

# Documents on one page of the list, and passages that a search within one shows.
_A_PAGE, _MOST_FOUND = 100, 20
# Characters of the line that is shown of a passage found.
_SNIPPET = 120
# Characters of a passage, and of what is searched for, in which that line is looked for.
_LOOKED_AT, _WANTED = 1_500, 60

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_Words = Annotated[str, Query(max_length=300)]


def passage_url(passage: Passage) -> str:
    """Return where a passage stands for good."""
    return f"/documents/{quote(passage.doc_id)}#{passage_anchor(passage.id)}"


@router.get("/documents")
def documents(request: Request, q: _Words = "", at: Annotated[int, Query(ge=1, le=10_000)] = 1) -> Response:
    """Show the documents whose title or issuer holds all words of `q`, those in force first, the newest first."""
    words = nfkc(q).lower().split()
    states = [state for state in _request_service(request).documents() if _is_title_match(state, words)]
    states.sort(key=lambda state: (state.in_force is not False, state.document.published), reverse=True)
    return page_response(
        request,
        "documents.html",
        states=states[_A_PAGE * (at - 1) : _A_PAGE * at],
        count=len(states),
        q=q,
        onward=f"/documents?{urlencode({'q': q, 'at': at + 1})}" if len(states) > _A_PAGE * at else "",
        withdrawn=read_withdrawals(request.app.state.settings),
    )


@router.get("/documents/{doc_id}")
def document(
    request: Request, doc_id: str, passage: _Words = "", at: Annotated[int, Query(ge=1, le=10_000)] = 1
) -> Response:
    """Show a page of a document; with `passage`, redirect to that passage."""
    passages = _request_service(request).passages(doc_id) if passage else ()
    position = next((n for n, known in enumerate(passages) if passage in (known.id, known.id.rpartition("#")[2])), None)
    if position is not None:
        return RedirectResponse(f"{server_root(request)}{_passage_address(passages, position)}", HTTPStatus.SEE_OTHER)
    return _document_passages(request, doc_id, gone=bool(passage), at=at)


@router.get("/documents/{doc_id}/search", dependencies=[Depends(enforce_rate_limit)])
def search(request: Request, doc_id: str, q: _Words = "") -> Response:
    """Show the passages of a document that match the words `q`, and the document."""
    hits = _request_service(request).search(q, _MOST_FOUND, doc_id=doc_id) if q.strip() else []
    found = [(hit.passage, _address(request, hit.passage), *_snippet(hit, q)) for hit in hits]
    return _document_passages(request, doc_id, found=found, q=q)


@router.get("/documents/{doc_id}/section")
def section(
    request: Request,
    doc_id: str,
    passage: Annotated[list[str], Query(min_length=1, max_length=50)],
    said: Annotated[tuple[str, ...], Query(max_length=50)] = (),
) -> Response:
    """Return the surroundings of passages of one section as a part of a page, the words `said` of each highlighted.

    Passages that are no longer in the document are left out; without any of them, a page with status 404.
    """
    service = _request_service(request)
    state = _document_state(request, doc_id)
    passages = service.passages(doc_id)
    position = next((n for n, known in enumerate(passages) if known.id in passage), 0)
    # Of a long table, or of a section over two pages, only what is on the page of the first passage.
    page = next((positions for positions in page_ranges(passages) if position in positions), range(0))
    sections = sections_around(passages[page.start : page.stop], passage, state.document.title)
    if not sections:
        return part_response(request, "gone.html", HTTPStatus.NOT_FOUND, state=state)
    pieces = [piece for shown in sections for piece in shown.pieces]
    texts = {piece.passage.id: piece.passage.text for piece in pieces}
    quoted = {
        passage_id: words
        for passage_id, words in zip(passage, said, strict=False)
        if words and words in texts.get(passage_id, "")
    }
    first = next(passage_id for passage_id in passage if any(passage_id in piece.ids for piece in pieces))
    return part_response(
        request,
        "section.html",
        state=state,
        sections=sections,
        cited=passage,
        said=quoted,
        address=_address(request, next(known for known in passages if known.id == first)),
        consolidated=service.consolidation(doc_id) is not None,
        anchor=passage_anchor,
    )


@router.get("/documents/{doc_id}/compare/{other_id}", dependencies=[Depends(enforce_rate_limit)])
def comparison(request: Request, doc_id: str, other_id: str) -> Response:
    """Show two documents side by side, the older at the left."""
    service = _request_service(request)
    states = [_document_state(request, id_) for id_ in (doc_id, other_id)]
    old, new = sorted(states, key=lambda state: _age_key(state, states))
    pairs = compare_sections(service.passages(old.document.id), service.passages(new.document.id))
    return page_response(request, "comparison.html", old=old, new=new, pairs=pairs, anchor=passage_anchor)


@router.get("/documents/{doc_id}/consolidated")
def consolidated(request: Request, doc_id: str, day: date | None = None) -> Response:
    """Show a document with its amendments on a day, today by default; redirect to one that nothing amends."""
    state = _document_state(request, doc_id)
    consolidation = _request_service(request).consolidation(doc_id)
    if consolidation is None:
        return RedirectResponse(f"{server_root(request)}/documents/{quote(doc_id)}", HTTPStatus.SEE_OTHER)
    preferences, shown_day = request_preferences(request), day or today()
    return page_response(
        request,
        "consolidated.html",
        state=state,
        day=shown_day,
        provisions=list(shown_provisions(consolidation, shown_day, preferences.words, preferences.language)),
        amending=list(amending_documents(consolidation, preferences.language)),
        declined=[one for one in consolidation.results if one.is_missing],
        repealed=consolidation.find_repeal(shown_day),
    )


def _address(request: Request, passage: Passage) -> str:
    """Return the address of a passage on its page of the document."""
    passages = _request_service(request).passages(passage.doc_id)
    return _passage_address(passages, next(n for n, known in enumerate(passages) if known.id == passage.id))


def _passage_address(passages: Sequence[Passage], position: int) -> str:
    page = next(number for number, positions in enumerate(page_ranges(passages), start=1) if position in positions)
    address = passage_url(passages[position])
    return address if page == 1 else address.replace("#", f"?at={page}#", 1)


def _document_passages(
    request: Request, doc_id: str, *, found: Sequence[Any] = (), q: str = "", gone: bool = False, at: int = 1
) -> Response:
    service, state = _request_service(request), _document_state(request, doc_id)
    passages = service.passages(doc_id)
    pages = page_ranges(passages)
    shown = pages[min(at, len(pages)) - 1] if pages else range(0)
    own = f"/documents/{quote(doc_id)}"
    return page_response(
        request,
        "document.html",
        state=state,
        others=_related_versions(service, state),
        consolidated=service.consolidation(doc_id) is not None,
        amended=[one for one in service.documents() if one.document.id in _amended_by(service, state)],
        sections=split_sections(passages[shown.start : shown.stop], state.document.title),
        back=f"{own}?at={min(at, len(pages)) - 1}" if at > 1 and pages else "",
        onward=f"{own}?at={at + 1}" if at < len(pages) else "",
        found=found,
        anchor=passage_anchor,
        box=make_overview_box(service, state, _find_address(service)) if at == 1 and not q.strip() else None,
        q=q,
        gone=gone,
    )


def _find_address(service: AnswerService) -> FindAddress:
    """Return a function that finds the address of a passage by the ids of its document and of itself."""

    @lru_cache
    def positions(doc_id: str) -> tuple[Sequence[Passage], dict[str, int]]:
        passages = service.passages(doc_id)
        return passages, {passage.id: n for n, passage in enumerate(passages)}

    def find(doc_id: str, passage_id: str) -> str:
        passages, position = positions(doc_id)
        return _passage_address(passages, position[passage_id])

    return find


def _request_service(request: Request) -> AnswerService:
    service: AnswerService = request.app.state.service
    return service


def _is_title_match(state: DocumentState, words: Sequence[str]) -> bool:
    listed = state.document
    name = nfkc(" ".join((listed.title, listed.issuer, listed.id, *listed.aliases))).lower()
    return all(word in name for word in words)


def _document_state(request: Request, doc_id: str) -> DocumentState:
    """Return a document in its state today. Raises WithdrawnError, UnknownDocumentError."""
    for state in _request_service(request).documents():
        if state.document.id == doc_id:
            return state
    if withdrawal := read_withdrawals(request.app.state.settings).get(doc_id):
        raise WithdrawnError(
            f"「{withdrawal.title}」は{format_day(withdrawal.at.date())}に取り下げられ、回答にも使われません"
            f"（理由: {withdrawal.reason}）。"
        )
    raise UnknownDocumentError(
        f"「{doc_id[:100]}」という文書はありません。新しい版に替わったか、アドレスが違うのかもしれません。"
    )


def _related_versions(service: AnswerService, state: DocumentState) -> list[tuple[str, DocumentState]]:
    """Return the successor and the predecessors of a document, each with its relation."""
    known = {other.document.id: other for other in service.documents()}
    after = [("successor", known[doc_id]) for doc_id in (state.superseded_by,) if doc_id in known]
    before = [("predecessor", known[doc_id]) for doc_id in state.document.supersedes if doc_id in known]
    return [*after, *before]


def _amended_by(service: AnswerService, state: DocumentState) -> set[str]:
    """Return the ids of the documents that a document amends."""
    return set(service.amended_documents(state.document.id))


def _age_key(state: DocumentState, states: Sequence[DocumentState]) -> tuple[int, str]:
    """Return what puts the older of two documents first: what is replaced, what began earlier."""
    replaced = any(state.document.id in other.document.supersedes for other in states)
    period = state.document.period
    return (0 if replaced else 1, period.start.isoformat() if period else state.document.published)


def _snippet(hit: Hit, q: str) -> tuple[str, str, str]:
    """Return the line of a passage that has the most words of `q` in a row, cut before and after them."""
    lines = [line for line in hit.passage.text[:_LOOKED_AT].splitlines() if line.strip()] or [""]
    common = [find_common_words(line, q[:_WANTED]) for line in lines]
    line, (start, end) = max(zip(lines, common, strict=True), key=lambda pair: pair[1][1] - pair[1][0])
    before, behind = line[max(start - _SNIPPET // 2, 0) : start], line[end : end + _SNIPPET]
    cut = ["…" if len(line[:start]) > len(before) else "", "…" if len(line[end:]) > len(behind) else ""]
    return cut[0] + before, line[start:end], behind + cut[1]
