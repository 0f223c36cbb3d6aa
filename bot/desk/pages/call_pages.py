"""Pages of calls: a question, its answer with its sources, and earlier calls."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from http import HTTPStatus
from itertools import groupby
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool

from bot.answering.languages import catalogue
from bot.answering.rendering.date_format import format_day, format_time
from bot.answering.state import Answer, Citation, Question, Status
from bot.answering.state.citation_marks import remove_marks
from bot.channels.api.schemas import FeedbackRequest
from bot.channels.api.sse import answer_events, event_message
from bot.channels.html.display_preferences import DisplayPreferences
from bot.channels.pages.citizen.conversation import DisplayedAnswer, Rating, ask_in_conversation, cited_passages
from bot.channels.pages.citizen.reader_texts import spoken_texts, text_to_copy
from bot.channels.pages.referral import department_for_answer
from bot.desk.pages.console import Console, OpenConsole, SentForm, console_router, done
from bot.errors import BotError
from bot.running.http.problems import UserFacingError, to_problem
from bot.running.http.site import site_url
from bot.running.service.service import Service
from bot.running.storage.usage_records import period_bounds
from ingest.errors import IngestError
from ingest.japanese import nfkc
from ingest.japanese.today import to_japan_date, today
from ingest.metadata.document_states import read_withdrawals

REASONS = (
    "答えがまちがっている",
    "根拠が答えと合っていない",
    "旧い計画で答えている",
    "資料にあるのに見つかっていない",
    "資料がまちがっている",
)
"""The reasons for reporting an answer."""
MAX_COMMENT_CHARS = 500
# Answers that do not answer the question for certain.
UNSURE = frozenset({Status.PARTIAL, Status.CLARIFY, Status.NO_ANSWER, Status.OUT_OF_SCOPE})
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


@dataclass(frozen=True, slots=True)
class Call:
    """The questions of a call, oldest first; `at` is the index of the one whose answer is `shown`.

    The answer's citations have the validity of `as_of`, None for the current day; `documents` are those of the whole
    index on that day.
    """

    id: str | None = None
    questions: tuple[str, ...] = ()
    at: int = -1
    shown: DisplayedAnswer | None = None
    as_of: date | None = None


def load_call(service: Service, conversation_id: str, n: int = 0) -> Call:
    """Return a recorded call that shows its `n`th question (from 1), by default the last; empty without records."""
    try:
        turns = service.conversation(conversation_id) if conversation_id else ()
    except (BotError, IngestError):
        turns = ()
    if not turns:
        return Call()
    at = n - 1 if 0 < n <= len(turns) else len(turns) - 1
    turn = turns[at]
    shown = _display(service, turn.question, turn.answer, turn.as_of, turn.rating)
    return Call(conversation_id, tuple(one.question for one in turns), at, shown, turn.as_of)


def _display(
    service: Service, question: str, answer: Answer, as_of: date | None, rating: Rating | None = None
) -> DisplayedAnswer:
    states = {state.document.id: state for state in service.documents(as_of)}

    def as_of_day(citation: Citation) -> Citation:
        state = states.get(citation.doc_id)
        period = state.document.period if state else None
        changes = {
            "url": state.document.url if state else None,
            "period": (period.start, period.end) if period else None,
            "in_force": state.in_force if state else None,
            "superseded_by": state.superseded_by if state else None,
        }
        return citation.model_copy(update=changes)

    dated = answer.model_copy(
        update={
            "citations": tuple(map(as_of_day, answer.citations)),
            "nearest": tuple(map(as_of_day, answer.nearest)),
        }
    )
    return DisplayedAnswer(question, dated, cited_passages(service, dated), states, rating=rating)


@router.get("/staff")
def complete_address(request: Request) -> RedirectResponse:
    return RedirectResponse(f"staff/?{request.url.query}".rstrip("?"))


@router.get("/staff/")
def show_call(console: OpenConsole) -> HTMLResponse:
    call = load_call(console.service, console.fields.one("call"), console.fields.number("n"))
    title = call.shown.question if call.shown else "調べる"
    return console.page("call.html", title, area="", **_call_values(console, call))


@router.post("/staff/ask")
async def ask_question(console: OpenConsole, form: SentForm) -> EventSourceResponse:
    try:
        as_of = date.fromisoformat(form.one("as_of")) if form.one("as_of") else None
    except ValueError as error:
        raise UserFacingError(HTTPStatus.UNPROCESSABLE_ENTITY, "「いつの時点で」の日付を確かめてください。") from error
    call = form.one("call") or None
    question = Question(question=form.one("question"), conversation_id=call, audience="staff", as_of=as_of)
    return EventSourceResponse(_stream(console, question), sep="\n")


@router.post("/staff/reports")
def report_answer(console: OpenConsole, form: SentForm) -> JSONResponse:
    comment = f"{form.one('comment')}（報告：{console.person.name}）"
    vote = FeedbackRequest(answer_id=form.one("answer_id"), rating="down", reasons=form.all("reason"), comment=comment)
    console.service.feedback(**vote.model_dump(), by_staff=True)
    return done(f"{console.link(call=form.one('call'), n=form.one('n'))}#reported", "報告を受け取りました。")


@router.get("/staff/calls")
def show_calls(console: OpenConsole) -> HTMLResponse:
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
    return console.page(
        "calls.html",
        "これまでの通話",
        area="calls",
        days=[(day, list(group)) for day, group in groupby(calls, key=lambda call: to_japan_date(call.began))],
        span=span,
        earlier=console.link("calls", day=(first - timedelta(days=1)).isoformat(), q=fields.one("q")),
        day_wanted=fields.one("day"),
        words_wanted=fields.one("q"),
    )


async def _stream(console: Console, question: Question) -> AsyncIterator[dict[str, str]]:
    try:
        async for kind, value in answer_events(partial(ask_in_conversation, console.service, question)):
            if isinstance(value, Answer):
                yield event_message("answer", await run_in_threadpool(_answer_page, console, question, value))
            elif kind != "urgent":
                text = STAGES.get(str(value), "調べています…") if kind == "stage" else remove_marks(str(value))
                yield event_message(kind, {"text": text})
    except Exception as error:  # noqa: BLE001 - the status line has been sent, so any error is reported in the stream
        yield event_message("problem", {"detail": to_problem(error).detail})


def _answer_page(console: Console, question: Question, answer: Answer) -> dict[str, str]:
    questions: tuple[str, ...] = ()
    with suppress(BotError, IngestError):
        questions = tuple(turn.question for turn in console.service.conversation(answer.conversation_id))
    questions = questions or (question.question,)  # without records only this question is known
    shown = _display(console.service, question.question, answer, question.as_of)
    call = Call(answer.conversation_id, questions, len(questions) - 1, shown, question.as_of)
    return {
        "html": console.render("call.html", **_call_values(console, call)),
        "at": console.link(call=call.id, n=call.at + 1),
        "call": call.id or "",
        "spoken": "".join(text.words for text in spoken_texts(answer, "", DisplayPreferences())),
    }


def _call_values(console: Console, call: Call) -> dict[str, Any]:
    shown = call.shown
    if shown is None:
        return {"call": call, "shown": None}
    day, answer, states = today(), shown.answer, shown.documents
    cited = {citation.doc_id: citation.title for citation in (*answer.citations, *answer.nearest)}
    withdrawals = read_withdrawals(console.settings) if cited.keys() - states.keys() else {}
    gone = dict.fromkeys(cited.keys() - states.keys(), "いまの索引にありません")
    for doc_id in gone.keys() & withdrawals.keys():
        one = withdrawals[doc_id]
        gone[doc_id] = f"取り下げられました（理由：{one.reason}、{format_time(one.at)}）"
    cautions = [
        f"この回答が示す「{cited[doc_id]}」は、{reason}。"
        "回答は尋ねたときの記録です。案内する前に、もう一度調べてください。"
        for doc_id, reason in gone.items()
    ]
    in_force = [state.in_force for state in states.values() if state.document.period]
    if in_force and not any(in_force):
        cautions.append("この日に効力のある計画はありません。示された文書の期間を確かめてください。")
    words = {**catalogue(), **(PAST_VALIDITY if call.as_of and call.as_of < day else {})}
    site = site_url(console.request)
    copied = text_to_copy(shown, console.settings.service_name, DisplayPreferences(), site=site, words=words)
    notes = [*(f"※ {caution}" for caution in cautions), f"（{format_day(call.as_of or day)}の時点でお答えしています）"]
    return {
        "call": call,
        "shown": shown,
        "gone": gone,
        "cautions": cautions,
        "copied": "\n\n".join((copied, *notes)),
        "department": department_for_answer(console.service, answer) if answer.status in UNSURE else None,
        "tests": console.person.may("tester"),
        "w": words,
        "reasons": REASONS,
        "longest_comment": MAX_COMMENT_CHARS,
    }
