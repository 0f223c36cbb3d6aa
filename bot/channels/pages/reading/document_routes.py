"""Routes under `/documents`: list, read, search and compare documents."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from bot.channels.pages.reading.document_sections import page_ranges, passage_anchor, sections_around, split_sections
from bot.channels.pages.reading.page_responses import PageRoute, page_response, part_response
from bot.channels.pages.reading.section_comparison import compare_sections
from bot.running.http.limits import enforce_rate_limit
from bot.running.http.site import base_path
from bot.running.server_state import server_state
from bot.running.service.document_state import DocumentState
from ingest.documents import Passage
from ingest.japanese import nfkc, nfkc_with_spans
from ingest.japanese.tokenise import LIGHT_WORDS, morphemes
from ingest.metadata.document_states import read_withdrawals
from ingest.readers.faq_file import group_rows, is_row

# Documents on one page of the list.
_DOCUMENTS_PER_PAGE = 100
# Passages that a search within one document shows.
_MAX_HITS = 20
# Characters of the line that is shown of a hit, after the words searched for; half as many before them.
_SNIPPET_CHARS = 120
# Characters of a passage, and of the words searched for, that are compared to choose that line.
_SEARCHED_CHARS = 1_500
_SEARCHED_WORDS_CHARS = 60

router = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(enforce_rate_limit)])
_Words = Annotated[str, Query(max_length=300)]
_PageNumber = Annotated[int, Query(alias="at", ge=1, le=10_000)]


def passage_url(passage: Passage) -> str:
    """Return the permanent address of a passage."""
    return f"/documents/{quote(passage.doc_id)}#{passage_anchor(passage.id)}"


@router.get("/documents")
def documents(request: Request, q: _Words = "", number: _PageNumber = 1) -> Response:
    """Show the documents whose title or issuer has all words of `q`: those in force first, the newest first."""
    words = nfkc(q).lower().split()
    service = server_state(request.app).service
    states = list[DocumentState]()
    for state in service.documents():
        one = state.document
        names = nfkc(" ".join((one.title, one.issuer, one.id, *one.aliases))).lower()
        if all(word in names for word in words):
            states.append(state)
    states.sort(key=lambda state: (state.in_force is not False, state.document.published), reverse=True)
    rows = {same[0].id: same for same in group_rows(state.document for state in states).values()}
    states = [state for state in states if not is_row(state.document) or state.document.id in rows]
    has_more = len(states) > _DOCUMENTS_PER_PAGE * number
    shown = states[_DOCUMENTS_PER_PAGE * (number - 1) : _DOCUMENTS_PER_PAGE * number]
    return page_response(
        request,
        "documents.html",
        states=shown,
        questions={
            state.document.id: [(one.id, service.passages(one.id)[0].section) for one in rows[state.document.id]]
            for state in shown
            if state.document.id in rows
        },
        count=len(states),
        q=q,
        onward=f"/documents?{urlencode({'q': q, 'at': number + 1})}" if has_more else "",
        withdrawn=read_withdrawals(server_state(request.app).settings),
    )


@router.get("/documents/{doc_id}")
def document(request: Request, doc_id: str, passage: _Words = "", number: _PageNumber = 1) -> Response:
    """Show a page of a document; with `passage`, redirect to that passage."""
    passages = server_state(request.app).service.passages(doc_id) if passage else ()
    for position, candidate in enumerate(passages):
        if passage in (candidate.id, candidate.id.rpartition("#")[2]):
            address = f"{base_path(request)}{_passage_address(passages, position)}"
            return RedirectResponse(address, HTTPStatus.SEE_OTHER)
    return _document_page(request, doc_id, is_passage_gone=bool(passage), number=number)


@router.get("/documents/{doc_id}/search")
def search(request: Request, doc_id: str, q: _Words = "") -> Response:
    hits = server_state(request.app).service.search(q, _MAX_HITS, doc_id=doc_id) if q.strip() else []
    found = [(hit.passage, _address(request, hit.passage), *_snippet(hit.passage.text, q)) for hit in hits]
    return _document_page(request, doc_id, found=found, q=q)


@router.get("/documents/{doc_id}/section")
def section(
    request: Request,
    doc_id: str,
    passage: Annotated[list[str], Query(min_length=1, max_length=50)],
    quotes: Annotated[tuple[str, ...], Query(alias="said", max_length=50)] = (),
) -> Response:
    """Return passages of one section with their surroundings as a part of a page, the quote of each highlighted.

    Passages that are no longer in the document are left out. If none is left, the status is 404.
    """
    service = server_state(request.app).service
    state = service.document(doc_id)
    passages = service.passages(doc_id)
    position = next((number for number, candidate in enumerate(passages) if candidate.id in passage), 0)
    # Of a long table, or of a section over two pages, only what is on the page of the first passage.
    page = next((positions for positions in page_ranges(passages) if position in positions), range(0))
    sections = sections_around(passages[page.start : page.stop], passage, state.document.title)
    if not sections:
        return part_response(request, "gone.html", HTTPStatus.NOT_FOUND, state=state)
    pieces = [piece for section in sections for piece in section.pieces]
    texts = {piece.passage.id: piece.passage.text for piece in pieces}
    quoted = {
        passage_id: words
        for passage_id, words in zip(passage, quotes, strict=False)
        if words and words in texts.get(passage_id, "")
    }
    shown_ids = {passage_id for piece in pieces for passage_id in piece.ids}
    first = next(passage_id for passage_id in passage if passage_id in shown_ids)
    return part_response(
        request,
        "section.html",
        state=state,
        sections=sections,
        cited=passage,
        quotes=quoted,
        address=_address(request, service.passage(first)),
        anchor=passage_anchor,
    )


@router.get("/documents/{doc_id}/compare/{other_id}")
def comparison(request: Request, doc_id: str, other_id: str) -> Response:
    service = server_state(request.app).service
    states = [service.document(id_) for id_ in (doc_id, other_id)]

    def age(state: DocumentState) -> tuple[bool, str]:
        is_superseded = any(state.document.id in other.document.supersedes for other in states)
        period = state.document.period
        return not is_superseded, period.start.isoformat() if period else state.document.published

    old, new = sorted(states, key=age)
    pairs = compare_sections(service.passages(old.document.id), service.passages(new.document.id))
    return page_response(request, "comparison.html", old=old, new=new, pairs=pairs, anchor=passage_anchor)


def _address(request: Request, passage: Passage) -> str:
    passages = server_state(request.app).service.passages(passage.doc_id)
    return _passage_address(passages, [candidate.id for candidate in passages].index(passage.id))


def _passage_address(passages: Sequence[Passage], position: int) -> str:
    page = next(number for number, positions in enumerate(page_ranges(passages), start=1) if position in positions)
    address = passage_url(passages[position])
    return address if page == 1 else address.replace("#", f"?at={page}#", 1)


def _document_page(
    request: Request,
    doc_id: str,
    *,
    found: Sequence[Any] = (),
    q: str = "",
    is_passage_gone: bool = False,
    number: int = 1,
) -> Response:
    service = server_state(request.app).service
    state = service.document(doc_id)
    passages = service.passages(doc_id)
    pages = page_ranges(passages)
    shown = pages[min(number, len(pages)) - 1] if pages else range(0)
    address = f"/documents/{quote(doc_id)}"
    states = {other.document.id: other for other in service.documents()}
    others = [("successor", states[state.superseded_by])] if state.superseded_by in states else []
    others += [("predecessor", states[older]) for older in state.document.supersedes if older in states]
    return page_response(
        request,
        "document.html",
        state=state,
        others=others,
        amended=[states[other] for other in state.document.amends if other in states],
        sections=split_sections(passages[shown.start : shown.stop], state.document.title),
        back=f"{address}?at={min(number, len(pages)) - 1}" if number > 1 and pages else "",
        onward=f"{address}?at={number + 1}" if number < len(pages) else "",
        found=found,
        anchor=passage_anchor,
        q=q,
        gone=is_passage_gone,
    )


def find_common_words(text: str, searched: str) -> tuple[int, int]:
    """Return the span of `text` with `searched`, else with the longest run of whole words of it; empty for none.

    Both are compared in normal form (half-width kana, decomposed letters) and in any spelling of a word.
    """
    normal, spans = nfkc_with_spans(text)
    wanted = nfkc(searched).strip()
    words = morphemes(normal)
    starts, ends = {word.start for word in words}, {word.end for word in words}
    for match in re.finditer(re.escape(wanted), normal, re.IGNORECASE) if wanted else ():
        if match.start() in starts and match.end() in ends:
            return spans[match.start()][0], spans[match.end() - 1][1]
    normals, wanted_normals = ([word.normal.lower() for word in side] for side in (words, morphemes(wanted)))
    matcher = SequenceMatcher(None, normals, wanted_normals, autojunk=False)
    best = (0, 0)
    for block in matcher.get_matching_blocks():
        run = words[block.a : block.a + block.size]
        content = [word for word in run if word.is_content and word.normal not in LIGHT_WORDS]
        if content and content[-1].end - content[0].start > best[1] - best[0]:
            best = (content[0].start, content[-1].end)
    return (spans[best[0]][0], spans[best[1] - 1][1]) if best[1] else (0, 0)


def _snippet(text: str, q: str) -> tuple[str, str, str]:
    lines = [line for line in text[:_SEARCHED_CHARS].splitlines() if line.strip()] or [""]
    spans = [find_common_words(line, q[:_SEARCHED_WORDS_CHARS]) for line in lines]
    line, (start, end) = max(zip(lines, spans, strict=True), key=lambda pair: pair[1][1] - pair[1][0])
    first, last = max(start - _SNIPPET_CHARS // 2, 0), end + _SNIPPET_CHARS
    before = ("…" if first else "") + line[first:start]
    return before, line[start:end], line[end:last] + ("…" if last < len(line) else "")
