"""What happens at the citizen's page: it opens, a question is asked, an answer is rated."""

from collections.abc import Iterator
from http import HTTPStatus
from math import ceil
from typing import Any, NamedTuple

import gradio as gr

from bot.answer import Answer, Question
from bot.answering import Answering, OnStage
from bot.errors import UnknownConversationError
from bot.ui.conversation import Conversation, Shown
from bot.ui.render import Waiting, conversation_html, plain, spoken
from bot.ui.waiting import WaitingRoom
from bot.ui.welcome import welcome
from bot.web.limits import RateLimit, caller
from bot.web.problems import ReaderError, problem_of
from bot.web.shapes import FeedbackRequest
from ingest.settings import Settings

SKIP = gr.skip()


class Change(NamedTuple):
    """What an event changes on the page, in the order of its outputs; what is not named stays as it is."""

    conversation: Any = SKIP
    log: Any = SKIP
    question: Any = SKIP
    problem: Any = SKIP
    spoken: Any = SKIP
    again: Any = SKIP


class Desk:
    """Answers the page's events; the conversation comes in and goes out with each of them."""

    def __init__(self, service: Answering, settings: Settings) -> None:
        self._service = service
        self._settings = settings
        self._waiting_room = WaitingRoom()
        self._limit = RateLimit(settings.requests_per_minute)

    def open(self) -> Change:
        """Begin with what can be asked; what stands in the box already, from before a reload, stays."""
        return Change(Conversation(), welcome(self._service))

    def clear(self) -> Change:
        """Begin anew."""
        return Change(Conversation(), welcome(self._service), "", "", "", gr.update(visible=False))

    def ask(self, typed: str, conversation: Conversation, event: gr.EventData, request: gr.Request) -> Iterator[Change]:
        """Answer what was typed or pressed; when that fails, say why and keep the question to be sent again."""
        pressed = isinstance(event.target, gr.HTML)
        question = str(event.question) if pressed else typed
        emptied = SKIP if pressed else ""
        yield Change(problem="")
        try:
            self._count(request)
            answer = yield from self._waiting_room.answer(
                lambda on_stage: self._answer(question, conversation, on_stage),
                lambda stage: Change(log=self._log(conversation, Waiting(question, stage)), question=emptied),
            )
            titles = {state.document.id: state.document.title for state in self._service.documents()}
        except Exception as error:  # noqa: BLE001 - whatever it is, the reader is told and keeps the question
            yield Change(log=self._log(conversation), question=question, problem=plain(problem_of(error).detail))
            return
        conversation = conversation.with_answer(Shown(question, answer, titles))
        yield Change(conversation, self._log(conversation), emptied, "", plain(spoken(answer)), gr.update(visible=True))

    def rate(self, conversation: Conversation, event: gr.EventData) -> Change:
        """Record what the reader thought of an answer of this conversation."""
        try:
            feedback = FeedbackRequest(
                answer_id=event.answer_id, rating=event.rating, reasons=event.reasons, comment=event.comment
            )
            self._service.feedback(feedback)
        except Exception as error:  # noqa: BLE001 - as above
            return Change(problem=plain(problem_of(error).detail))
        conversation = conversation.with_rating(feedback.answer_id, feedback.rating)
        return Change(conversation, self._log(conversation), problem="", spoken="評価を受け取りました。")

    def _answer(self, question: str, conversation: Conversation, on_stage: OnStage) -> Answer:
        """Ask within the conversation, or in a new one when its records are gone."""
        try:
            return self._service.ask(Question(question=question, conversation_id=conversation.id), on_stage)
        except UnknownConversationError:
            return self._service.ask(Question(question=question), on_stage)

    def _log(self, conversation: Conversation, waiting: Waiting | None = None) -> str:
        if not (conversation.shown or waiting):
            return welcome(self._service)
        return conversation_html(conversation, self._settings.contact, waiting)

    def _count(self, request: gr.Request) -> None:
        """Count a question of this caller; raises ReaderError when there were too many."""
        wait_s = self._limit.wait_s(caller(request.request)) if request.request else 0
        if wait_s > 0:
            raise ReaderError(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"質問が続けて届いています。{ceil(wait_s)}秒ほど待ってから、もう一度送ってください。",
            )
