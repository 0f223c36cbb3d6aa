"""What happens at the console: a question is looked up or shown again, plans are compared, an answer is reported."""

from collections.abc import Iterator
from datetime import date
from http import HTTPStatus
from typing import Any, NamedTuple

import gradio as gr

from bot.answer import Question
from bot.answering import Answering
from bot.days import today
from bot.sign_in import who
from bot.ui.staff import render
from bot.ui.staff.call import Call
from bot.ui.staff.compare import Pair, compare, pairs
from bot.ui.staff.lookup import ask, found, restored
from bot.ui.waiting import WaitingRoom
from bot.web.limits import Limits
from bot.web.problems import ReaderError
from bot.web.shapes import FeedbackRequest
from ingest.settings import Settings

SKIP = gr.skip()


class Change(NamedTuple):
    """What an event changes on the page, in the order of its outputs; what is not named stays as it is."""

    call: Any = SKIP
    bar: Any = SKIP
    result: Any = SKIP
    history: Any = SKIP
    problem: Any = SKIP
    spoken: Any = SKIP


class Desk:
    """Answers the page's events; the call comes in and goes out with each of them."""

    def __init__(self, service: Answering, settings: Settings) -> None:
        self._service = service
        self._settings = settings
        self._waiting_room = WaitingRoom()
        self._limits = Limits(settings)

    def open(self, event: gr.EventData, request: gr.Request) -> Change:
        """Go on where the browser was before it loaded the page anew, or begin a call."""
        head = render.bar(self._settings.service_name, who(request))
        return _shown(restored(self._service, str(event.call or "")), request)._replace(bar=head, spoken="")

    def clear(self, request: gr.Request) -> Change:
        """Begin a new call."""
        return _shown(Call(), request)._replace(spoken="新しい通話を始めました。")

    def ask(self, call: Call, event: gr.EventData, request: gr.Request) -> Iterator[Change]:
        """Look a question up."""
        question = str(event.question)
        try:
            self._count(request)
            as_of = _day(event.as_of)
            asked = Question(question=question, conversation_id=call.id, audience="staff", as_of=as_of)
            answer = yield from self._waiting_room.answer(
                lambda on_stage, on_text: ask(self._service, asked, on_stage, on_text),
                lambda progress: Change(result=render.waiting(call, question, progress)),
                str(request.session_hash),
            )
            call = call.with_lookup(found(self._service, question, as_of, answer))
        except Exception as error:  # noqa: BLE001 - whatever it is, staff are told, and the question is still in the box
            yield Change(result=render.failed(call, question), problem=render.problem(error), spoken="")
            return
        yield _shown(call, request)._replace(spoken=render.spoken(answer))

    def stop(self, call: Call, event: gr.EventData, request: gr.Request) -> Change:
        """Wait no longer for an answer, and let no language model write it any further."""
        self._waiting_room.stop(str(request.session_hash))
        return Change(result=render.failed(call, str(event.question)), problem="", spoken="取りやめました。")

    def jump(self, call: Call, event: gr.EventData, request: gr.Request) -> Change:
        """Show what was looked up before in this call; also back from a comparison."""
        return _shown(call.back_to(int(event.at)), request)

    def compare(self, call: Call, event: gr.EventData, request: gr.Request) -> Change:
        """Ask the question in sight of the old and of the new plan."""
        if call.shown is None:
            return Change()
        try:
            self._count(request)
            among = _comparable(self._service)
            asked = call.shown.answer.question_understood or call.shown.question
            chosen = next((pair for pair in among if pair.id == event.pair), among[0])
            comparison = compare(self._service, asked, among, chosen, today())
        except Exception as error:  # noqa: BLE001 - as above
            return Change(problem=render.problem(error))
        compared = Call(call.id, call.lookups, call.at, comparison)
        return _shown(compared, request)._replace(spoken="新旧の回答を並べました。")

    def report(self, call: Call, event: gr.EventData, request: gr.Request) -> Change:
        """Put an answer into the queue, with the reasons and the name of who says so."""
        try:
            comment = f"{event.comment}（報告：{who(request).name}）"
            feedback = FeedbackRequest(answer_id=event.answer_id, rating="down", reasons=event.reasons, comment=comment)
            self._service.feedback(feedback)
        except Exception as error:  # noqa: BLE001 - as above
            return Change(problem=render.problem(error))
        return _shown(call.with_report(feedback.answer_id), request)._replace(spoken="報告を受け取りました。")

    def _count(self, request: gr.Request) -> None:
        """Count a question of this person; raises ReaderError when there were too many."""
        self._limits.count(f"person {who(request).name}")


def _shown(call: Call, request: gr.Request) -> Change:
    return Change(call, result=render.result(call, today(), who(request)), history=render.history(call), problem="")


def _comparable(service: Answering) -> tuple[Pair, ...]:
    among = pairs(service.documents())
    if not among:
        raise ReaderError(HTTPStatus.NOT_FOUND, "置き換えの関係にある文書がないので、新旧を比べられません。")
    return among


def _day(written: Any) -> date | None:
    """Return the day that was chosen. Raises ReaderError for one that no calendar has."""
    try:
        return date.fromisoformat(str(written)) if written else None
    except ValueError as error:
        raise ReaderError(HTTPStatus.UNPROCESSABLE_ENTITY, "「いつの時点で」の日付を確かめてください。") from error
