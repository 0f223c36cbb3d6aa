"""Pages of calls: a question, its answer with passages and documents, and earlier calls."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from http import HTTPStatus
from itertools import groupby
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool

from bot.http.problems import UserFacingError, to_problem
from bot.http.schemas import FeedbackRequest
from bot.http.site import site_url
from bot.languages import catalogue
from bot.pages.citizen.conversation import ask_in_conversation
from bot.pages.referral import Referral
from bot.pages.staff.call_lookup import (
    Call,
    Lookup,
    call_with_answer,
    find_unavailable_documents,
    load_call,
)
from bot.pages.staff.console import Console, OpenConsole, SentForm, console_router, done
from bot.rendering.answer_text import render_text
from bot.rendering.cited_sections import cited_sections, unquoted_citations, validity_label
from bot.rendering.escaping import escape_plain, is_web_address
from bot.rendering.html.answer_parts import without_uncertainty_remark
from bot.rendering.html.date_format import format_day, format_period
from bot.state import Answer, Citation, Question, Status
from bot.state.citation_marks import remove_marks
from bot.storage.usage_records import period_bounds
from bot.web.sse import answer_events, event_message
from ingest.japanese import nfkc
from ingest.japanese.today import to_japan_date, today

REASONS = (
    "答えがまちがっている",
    "根拠が答えと合っていない",
    "旧い計画で答えている",
    "資料にあるのに見つかっていない",
    "資料がまちがっている",
)
"""The reasons for reporting an answer."""
MAX_COMMENT_CHARS = 500
# Shown with answers that do not answer the question for certain.
OUTCOMES = {
    Status.PARTIAL: "近いことが書かれています（答えそのものではないかもしれません）",
    Status.CLARIFY: "どれのことか確かめてください",
    Status.NO_ANSWER: "資料からは答えられません",
    Status.OUT_OF_SCOPE: "この資料の対象ではありません",
    Status.BLOCKED: "この入力には答えられません",
}
STAGES = {
    "retrieve": "文書を探しています…",
    "relevance": "見つかった箇所を読んでいます…",
    "model": "答えをまとめています…",
}
# Labels of the validity of documents on a past day.
PAST_VALIDITY = {
    "current": "この日に有効",
    "in_force": "この日に効力がありました",
    "not_in_force": "この日には効力がありませんでした",
}
# Days of earlier calls that are listed at once, and that are searched for words.
_LISTED_DAYS, _SEARCHED_DAYS = 7, 92
router = console_router()


def mail_text(lookup: Lookup, today: date, site: str, lost: Sequence[str] = ()) -> str:
    """Return question, answer, sources and as-of date as plain text.

    `lost` are notices about documents that are no longer available. Each source has the address of its passage on the
    server at `site`.
    """
    day = lookup.as_of or today
    read_as = (f"（「{lookup.read_as}」についてのお尋ねとして調べました）",) if lookup.read_as else ()
    caution = ["※ この日に効力のある計画はありません。", ""] if lookup.ungoverned else []
    caution += [line for notice in lost for line in (f"※ {notice}", "")]
    answer = _answer_lines(lookup.answer, site, past=lookup.is_past(today))
    lines = ("【お尋ね】", lookup.question, *read_as, "", *caution, *answer)
    return escape_plain("\n".join((*lines, "", f"（{format_day(day)}の時点でお答えしています）")))


def _answer_lines(answer: Answer, site: str, *, past: bool) -> Iterator[str]:
    yield from ("【回答】", answer.answer)
    yield from (f"※ {notice}" for notice in answer.notices)
    if answer.citations:
        yield from ("", "【根拠】")
    for place in cited_sections(answer):
        marks = "".join(f"[{citation.n}]" for citation in place.citations)
        yield f"{marks} {_format_place(place.first, past=past)}"
        for citation in unquoted_citations(place.citations, answer.answer):
            yield from _quote_lines(citation.quote)
        yield f"　{site}/documents/{quote(place.first.doc_id)}?passage={quote(place.first.passage_id)}"
        if is_web_address(place.first.url):
            yield f"　{place.first.url}"
    if answer.nearest:
        yield from ("", "【近いことが書かれている箇所】")
    for citation in answer.nearest:
        yield f"・{_format_place(citation, past=past)}"
        if not answer.citations:
            yield from _quote_lines(citation.quote)


def _quote_lines(text: str) -> Iterator[str]:
    return (f"　{line}" for line in f"「{text}」".splitlines())


def _format_place(citation: Citation, *, past: bool) -> str:
    page = f"（{citation.page}ページ）" if citation.page else ""
    section = f"「{citation.section}」" if citation.section else ""
    validity = "この日に有効" if past and citation.in_force else validity_label(citation)
    period = format_period(citation.period) if citation.period else ""
    state = "、".join(filter(None, (validity, period)))
    return f"{citation.title}{section}{page}" + (f"［{state}］" if state else "")


@router.get("/staff")
def complete_address(request: Request) -> RedirectResponse:
    """Redirect the address without a trailing slash to the console."""
    return RedirectResponse(f"staff/?{request.url.query}".rstrip("?"))


@router.get("/staff/")
def show_call(console: OpenConsole) -> HTMLResponse:
    """Return a call with one of its answers, or an empty page."""
    call = load_call(console.service, console.fields.one("call"), console.fields.number("n"))
    title = call.lookup.question if call.lookup else "調べる"
    return console.page("call.html", title, area="", **_call_values(console, call))


@router.post("/staff/ask")
async def ask_question(console: OpenConsole, form: SentForm) -> EventSourceResponse:
    """Answer a question and stream its stages, its verified sentences and the page of the answer.

    Raises UserFacingError for an invalid date.
    """
    try:
        as_of = date.fromisoformat(form.one("as_of")) if form.one("as_of") else None
    except ValueError as error:
        raise UserFacingError(HTTPStatus.UNPROCESSABLE_ENTITY, "「いつの時点で」の日付を確かめてください。") from error
    call = form.one("call") or None
    question = Question(question=form.one("question"), conversation_id=call, audience="staff", as_of=as_of)
    return EventSourceResponse(_stream(console, question), sep="\n")


@router.post("/staff/reports")
def report_answer(console: OpenConsole, form: SentForm) -> JSONResponse:
    """Put an answer into the queue, with reasons and the name of the reporting person."""
    comment = f"{form.one('comment')}（報告：{console.person.name}）"
    vote = FeedbackRequest(answer_id=form.one("answer_id"), rating="down", reasons=form.all("reason"), comment=comment)
    console.service.feedback(**vote.model_dump(), by_staff=True)
    return done(f"{console.link(call=form.one('call'), n=form.one('n'))}#reported", "報告を受け取りました。")


@router.get("/staff/calls")
def show_calls(console: OpenConsole) -> HTMLResponse:
    """Return the calls up to a day that have all words of a search."""
    fields = console.fields
    last = today()
    with suppress(ValueError):
        last = date.fromisoformat(fields.one("day"))
    words = nfkc(fields.one("q")).casefold().split()
    span = _SEARCHED_DAYS if words else _LISTED_DAYS
    first = last - timedelta(days=span - 1)
    calls = [
        call
        for call in console.service.usage.calls(*period_bounds(first, last))
        if all(word in nfkc("\n".join(call.questions)).casefold() for word in words)
    ]
    cited = (doc_id for call in calls for doc_id in call.cited)
    gone = find_unavailable_documents(console.service, console.settings, cited)
    return console.page(
        "calls.html",
        "これまでの通話",
        area="calls",
        days=[(day, list(group)) for day, group in groupby(calls, key=lambda call: to_japan_date(call.began))],
        span=span,
        earlier=console.link("calls", day=(first - timedelta(days=1)).isoformat(), q=fields.one("q")),
        lost={call.id for call in calls if call.cited & gone.keys()},
        day_wanted=fields.one("day"),
        words_wanted=fields.one("q"),
    )


async def _stream(console: Console, question: Question) -> AsyncIterator[dict[str, str]]:
    try:
        async for kind, value in answer_events(partial(ask_in_conversation, console.service, question)):
            if isinstance(value, Answer):
                yield event_message("answer", await run_in_threadpool(_answer_page, console, question, value))
            else:
                text = STAGES.get(value, "調べています…") if kind == "stage" else remove_marks(value)
                yield event_message(kind, {"text": text})
    except Exception as error:  # noqa: BLE001 - the status line has been sent, so any error is reported in the stream
        yield event_message("problem", {"detail": to_problem(error).detail})


def _answer_page(console: Console, question: Question, answer: Answer) -> dict[str, str]:
    call = call_with_answer(console.service, question.question, question.as_of, answer)
    return {
        "html": console.render("call.html", **_call_values(console, call)),
        "at": console.link(call=call.id, n=call.at + 1),
        "call": call.id or "",
        "spoken": screen_reader_text(answer),
    }


def _call_values(console: Console, call: Call) -> dict[str, Any]:
    values: dict[str, Any] = {"call": call, "lookup": call.lookup}
    lookup = call.lookup
    if lookup is None:
        return values
    service = console.service
    day = today()
    gone = find_unavailable_documents(service, console.settings, (one.citation.doc_id for one in lookup.sources))
    titles = {citation.doc_id: citation.title for citation in (*lookup.answer.citations, *lookup.answer.nearest)}
    lost = [
        f"この回答が示す「{title}」は、{gone[doc_id]}。"
        "回答は尋ねたときの記録です。案内する前に、もう一度調べてください。"
        for doc_id, title in titles.items()
        if doc_id in gone
    ]
    is_unsure = lookup.answer.status in OUTCOMES and lookup.answer.status is not Status.BLOCKED
    words = catalogue()
    return values | {
        "gone": gone,
        "lost": lost,
        "mail": mail_text(lookup, day, site_url(console.request), lost),
        "department": Referral(service).department_for(lookup.answer) if is_unsure else None,
        "tests": console.person.may("tester"),
        "w": {**words, **PAST_VALIDITY} if lookup.is_past(day) else words,
        "reasons": REASONS,
        "longest_comment": MAX_COMMENT_CHARS,
        "outcomes": OUTCOMES,
    }


def screen_reader_text(answer: Answer) -> str:
    """Return the text that screen readers announce for an answer."""
    outcome = OUTCOMES.get(answer.status, "")
    sources = f"根拠は{len(cited_sections(answer))}件です。" if answer.citations else ""
    text = render_text(without_uncertainty_remark(answer), answer.content.language, marks=False)
    return f"回答です。{outcome and f'{outcome}。'}{text}{sources}"
