"""Event handlers of the console: lookup, comparison, views and reports.

Whatever else the page has are views like any other (`bot/pages/views.py`).
"""

from collections.abc import Generator, Iterator
from datetime import date
from http import HTTPStatus
from typing import Any, NamedTuple

import gradio as gr

from bot.auth import current_person
from bot.http.problems import ReaderError
from bot.http.schemas import FeedbackRequest
from bot.http.site import site_url
from bot.pages.staff import render
from bot.pages.staff.call import Call
from bot.pages.staff.compare import Pair, compare_answers, replacement_pairs
from bot.pages.staff.context import Context
from bot.pages.staff.lookup import ask, make_lookup, restore_call
from bot.pages.staff.unavailable_documents import find_unavailable_documents
from bot.pages.staff.views import VIEWS
from bot.pages.views import SKIP, Address, DrawnView, Fields, Views, view_html, view_link
from bot.pages.waiting import WaitingRoom
from bot.rendering.referral import Referral
from bot.runtime.service_interface import AnswerService
from bot.state import Question
from ingest.configuration.settings import Settings
from ingest.japanese.today import today

ASK, COMPARE = "ask", "compare"


class ConsoleChange(NamedTuple):
    """What an event changes on the page, in the order of its outputs; what is not named stays as it is."""

    call: Any = SKIP
    content: Any = SKIP
    said: Any = SKIP
    problem: Any = SKIP
    spoken: Any = SKIP


class ConsoleEventHandler:
    """Answers the page's events; the call comes in and goes out with each of them."""

    def __init__(self, service: AnswerService, settings: Settings) -> None:
        self._service = service
        self._settings = settings
        self._context = Context(service, settings)
        self._views = Views(self._context, VIEWS)
        self._waiting_room = WaitingRoom()

    def head(self, request: gr.Request) -> str:
        """Draw what stands over the page: its name, the other pages, and who is there."""
        return render.bar(self._settings.service_name, current_person(request))

    def show(self, call: Call, event: gr.EventData, request: gr.Request) -> ConsoleChange:
        """Draw the view at an address: the call that it names, also one of an earlier day, or another view."""
        at = Address(str(event.view), ASK)
        if at.view not in {ASK, COMPARE}:
            return ConsoleChange(SKIP, *self._views.show(event, request))
        if (named := at.one("call")) and named != call.id:
            call = restore_call(self._service, named)
        call = call.select_lookup(at.number("n", len(call.lookups)) - 1)
        if at.view == COMPARE and call.shown:
            return self._compare_plans(call, at, request)
        return self._draw_call(call, request)

    def act(self, call: Call, event: gr.EventData, request: gr.Request) -> Iterator[ConsoleChange]:
        """Do what a form asks for."""
        fields = Fields(event.fields)
        if event.action == "ask":
            yield from self._look_up(call, fields, request)
        elif event.action == "report":
            yield self._report_answer(call, fields, request)
        else:
            yield ConsoleChange(SKIP, *self._views.act(event, request))

    def clear(self, request: gr.Request) -> ConsoleChange:
        """Begin a new call."""
        return self._draw_call(Call(), request)._replace(spoken="新しい通話を始めました。")

    def stop(self, call: Call, event: gr.EventData, request: gr.Request) -> ConsoleChange:
        """Wait no longer for an answer, and let no language model write it any further."""
        self._waiting_room.stop(str(request.session_hash))
        return _failed_change(call, Fields(event.fields).one("question"))._replace(spoken="取りやめました。")

    def _look_up(self, call: Call, fields: Fields, request: gr.Request) -> Generator[ConsoleChange, None, None]:
        """Look a question up."""
        question = fields.one("question")
        try:
            self._count_request(request)
            as_of = _parse_day(fields.one("as_of"))
            asked = Question(question=question, conversation_id=call.id, audience="staff", as_of=as_of)
            answer = yield from self._waiting_room.answer(
                lambda on_stage, on_text: ask(self._service, asked, on_stage, on_text),
                lambda progress: ConsoleChange(
                    content=_call_content(call, render.call(call, question, progress), "waiting")
                ),
                str(request.session_hash),
            )
            call = call.with_lookup(make_lookup(self._service, question, as_of, answer))
        except Exception as error:  # noqa: BLE001 - whatever it is, staff are told, and the question is still in the box
            yield _failed_change(call, question)._replace(problem=render.problem(error))
            return
        yield self._draw_call(call, request)._replace(spoken=render.screen_reader_text(answer))

    def _compare_plans(self, call: Call, at: Address, request: gr.Request) -> ConsoleChange:
        """Ask the question in sight of the old and of the new plan."""
        try:
            if call.shown is None:
                return self._draw_call(call, request)
            self._count_request(request)
            among = _comparable_pairs(self._service)
            asked = call.shown.answer.question_understood or call.shown.question
            chosen = next((pair for pair in among if pair.id == at.one("pair")), among[0])
            comparison = compare_answers(self._service, asked, among, chosen, today())
        except Exception as error:  # noqa: BLE001 - as above
            return self._draw_call(call, request)._replace(problem=render.problem(error))
        here = Address(view_link(COMPARE, call=call.id, n=call.at + 1, pair=chosen.id), ASK)
        shown = DrawnView(render.render_comparison(call, comparison, today(), _request_site(request)))
        return ConsoleChange(call, view_html(here, shown, ASK), "", "", "新旧の回答を並べました。")

    def _report_answer(self, call: Call, fields: Fields, request: gr.Request) -> ConsoleChange:
        """Put an answer into the queue, with the reasons and the name of who says so."""
        try:
            comment = f"{fields.one('comment')}（報告：{current_person(request).name}）"
            given = {"answer_id": fields.one("answer_id"), "reasons": fields.all("reason"), "comment": comment}
            feedback = FeedbackRequest(rating="down", **given)
            self._service.feedback(feedback, by_staff=True)
        except Exception as error:  # noqa: BLE001 - as above
            return ConsoleChange(problem=render.problem(error))
        return self._draw_call(call.with_report(feedback.answer_id), request)._replace(spoken="報告を受け取りました。")

    def _count_request(self, request: gr.Request) -> None:
        """Count a question of this person; raises ReaderError when there were too many."""
        if request.request:
            request.request.app.state.limits.count(f"person {current_person(request).name}")

    def _draw_call(self, call: Call, request: gr.Request) -> ConsoleChange:
        lookup = call.shown
        referral = Referral(self._service) if lookup else None
        compares = bool(lookup and replacement_pairs(self._service.documents()))
        gone = find_unavailable_documents(self._context, (one.doc_id for one in lookup.sources)) if lookup else {}
        html = render.render_lookup(
            call, today(), current_person(request), referral, _request_site(request), gone=gone, compares=compares
        )
        key = f"{lookup.answer.answer_id} {lookup.reported}" if lookup else "start"
        return ConsoleChange(call, _call_content(call, html, key), "", "", "")


def _request_site(request: gr.Request) -> str:
    """Return the address at which citizens read the documents, without a slash at its end."""
    return site_url(request.request) if request.request else ""


def _call_content(call: Call, html: str, key: str) -> str:
    return view_html(Address(view_link(ASK, call=call.id, n=call.at + 1), ASK), DrawnView(html, key), ASK)


def _failed_change(call: Call, question: str) -> ConsoleChange:
    return ConsoleChange(
        content=_call_content(call, render.call(call, question), f"failed {question}"), problem="", spoken=""
    )


def _comparable_pairs(service: AnswerService) -> tuple[Pair, ...]:
    among = replacement_pairs(service.documents())
    if not among:
        raise ReaderError(HTTPStatus.NOT_FOUND, "置き換えの関係にある文書がないので、新旧を比べられません。")
    return among


def _parse_day(written: str) -> date | None:
    """Return the day that was chosen. Raises ReaderError for one that no calendar has."""
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as error:
        raise ReaderError(HTTPStatus.UNPROCESSABLE_ENTITY, "「いつの時点で」の日付を確かめてください。") from error
