"""What happens at the citizen's page: it opens, a question is asked, the page speaks otherwise, an answer is rated."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import gradio as gr

from bot.answer import Answer, Question
from bot.answering import Answering, OnStage, OnText
from bot.errors import UnknownAnswerError, UnknownConversationError
from bot.guard.personal import mask
from bot.records.store import UNKNOWN_ANSWER
from bot.ui.citizen.conversation import Conversation, Shown
from bot.ui.citizen.further import further_questions
from bot.ui.citizen.grounds import grounds_of
from bot.ui.citizen.render import Render, Waiting
from bot.ui.citizen.restored import restored
from bot.ui.citizen.welcome import Welcoming
from bot.ui.speech import SPEECHES, Speech
from bot.ui.waiting import Progress, WaitingRoom
from bot.web.limits import Limits, caller
from bot.web.shapes import FeedbackRequest
from ingest.settings import Settings

SKIP = gr.skip()


class Change(NamedTuple):
    """What an event changes on the page, in the order of its outputs; what is not named stays as it is."""

    conversation: Any = SKIP
    bar: Any = SKIP
    log: Any = SKIP
    question: Any = SKIP
    send: Any = SKIP
    problem: Any = SKIP
    note: Any = SKIP
    spoken: Any = SKIP


class Desk:
    """Answers the page's events; the conversation comes in and goes out with each of them."""

    def __init__(self, service: Answering, render: Render, settings: Settings) -> None:
        self._service = service
        self._render = render
        self._welcoming = Welcoming(service)
        self._waiting_room = WaitingRoom()
        self._limits = Limits(settings)

    def open(self, event: gr.EventData) -> Change:
        """Go on where the browser was before it loaded the page anew, or begin with what can be asked.

        What stands in the box already stays.
        """
        conversation = restored(self._service, self._welcoming, str(event.conversation or ""), _speech(event.speech))
        return self._whole(conversation)

    def clear(self, conversation: Conversation, request: gr.Request) -> Change:
        """Begin anew, and let nobody write an answer that is not waited for."""
        self.stop(request)
        begun = Conversation(speech=conversation.speech)
        return self._whole(begun)._replace(question=gr.update(value="", **self._render.box(begun.speech)), spoken="")

    def ask(self, typed: str, conversation: Conversation, event: gr.EventData, request: gr.Request) -> Iterator[Change]:
        """Answer what was typed or pressed; when that fails, say why and keep the question to be sent again."""
        pressed = isinstance(event.target, gr.HTML)
        question, shown = (str(event.question), str(event.said)) if pressed else (typed, typed)
        emptied = SKIP if pressed else ""
        yield Change(problem="")
        # What is masked before it is recorded is not shown either.
        yield from self._answered(question, mask(shown), conversation, request, emptied=emptied)

    def stop(self, request: gr.Request) -> None:
        """Let no language model write any further: what holds by now is the answer, or the documents' own words."""
        self._waiting_room.stop(str(request.session_hash))

    def speak(self, conversation: Conversation, event: gr.EventData, request: gr.Request) -> Iterator[Change]:
        """Speak as the reader chose; where answers are written otherwise then, the last one is asked again."""
        before, conversation = conversation.style, conversation.spoken_to(_speech(event.speech))
        yield self._whole(conversation)
        if conversation.shown and conversation.style != before:
            last = conversation.shown[-1]
            again = last.answer.question_understood or last.question
            yield from self._answered(again, last.question, conversation, request, instead=True)

    def rate(self, conversation: Conversation, event: gr.EventData, request: gr.Request) -> Change:
        """Record what the reader thought of an answer of this conversation, and of no other."""
        try:
            self._count(request)
            feedback = _vote(conversation, event)
            self._service.feedback(feedback)
        except Exception as error:  # noqa: BLE001 - whatever it is, the reader is told
            return Change(problem=self._render.problem(error, conversation.speech))
        conversation = conversation.with_rating(feedback.answer_id, feedback.rating)
        received = self._render.received(conversation.speech)
        return Change(conversation, log=self._log(conversation), problem="", spoken=received)

    def _answered(
        self,
        question: str,
        asked: str,
        conversation: Conversation,
        request: gr.Request,
        *,
        emptied: Any = SKIP,
        instead: bool = False,
    ) -> Iterator[Change]:
        """Put `question`, shown as `asked`; `instead` of the last answer, or behind it."""
        before = conversation.without_last() if instead else conversation
        put = Question(question=question, conversation_id=conversation.id, style=conversation.style, repeated=instead)
        try:
            self._count(request)
            answer = yield from self._waiting_room.answer(
                lambda on_stage, on_text: self._answer(put, on_stage, on_text),
                lambda progress: self._waiting(asked, progress, before, emptied),
                str(request.session_hash),
            )
            grounds = grounds_of(self._service, answer)
        except Exception as error:  # noqa: BLE001 - whatever it is, the reader is told and keeps the question
            problem = self._render.problem(error, conversation.speech, kept=not instead and bool(question.strip()))
            kept = SKIP if instead else question
            bar = self._render.bar(conversation)
            yield Change(bar=bar, log=self._log(conversation), question=kept, problem=problem)
            return
        conversation = conversation.with_answer(Shown(asked, answer, grounds), instead=instead)
        spoken = self._render.spoken(answer, conversation.speech)
        bar = self._render.bar(conversation)
        yield Change(conversation, bar, self._log(conversation), emptied, problem="", spoken=spoken)
        further = further_questions(self._welcoming, answer)
        if further:
            conversation = conversation.with_further(further)
            yield Change(conversation, log=self._log(conversation))

    def _answer(self, asked: Question, on_stage: OnStage, on_text: OnText) -> Answer:
        """Ask within the conversation, or in a new one when its records are gone."""
        try:
            return self._service.ask(asked, on_stage, on_text)
        except UnknownConversationError:
            return self._service.ask(asked.model_copy(update={"conversation_id": None}), on_stage, on_text)

    def _waiting(self, asked: str, progress: Progress, before: Conversation, emptied: Any) -> Change:
        bar = self._render.bar(before, asked=True)
        return Change(bar=bar, log=self._log(before, Waiting(asked, progress)), question=emptied)

    def _whole(self, conversation: Conversation) -> Change:
        speech = conversation.speech
        return Change(
            conversation,
            self._render.bar(conversation),
            self._log(conversation),
            gr.update(**self._render.box(speech)),
            self._render.send(speech),
            "",
            self._render.note(speech),
        )

    def _log(self, conversation: Conversation, waiting: Waiting | None = None) -> str:
        if conversation.shown or waiting:
            return self._render.conversation(conversation, waiting)
        return self._render.welcome(self._welcoming.now(), conversation.speech)

    def _count(self, request: gr.Request) -> None:
        """Count a question or a vote of this caller; raises ReaderError when there were too many."""
        if request.request:
            self._limits.count(caller(request.request))


def _vote(conversation: Conversation, event: gr.EventData) -> FeedbackRequest:
    """Return a vote on an answer in sight. Raises UnknownAnswerError for any other."""
    vote = FeedbackRequest(answer_id=event.answer_id, rating=event.rating, reasons=event.reasons, comment=event.comment)
    if vote.answer_id not in {shown.answer.answer_id for shown in conversation.shown}:
        raise UnknownAnswerError(UNKNOWN_ANSWER)
    return vote


def _speech(chosen: Any) -> Speech:
    """Return what a browser says it was spoken to in; whatever else it says is Japanese."""
    return next((speech for speech in SPEECHES if speech == chosen), "ja")
