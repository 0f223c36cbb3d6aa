"""What happens at the citizen's page: it opens, a question is asked, an answer is rated.

The page keeps what it shows: a change holds what is new, and the conversation itself stays with the server.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import gradio as gr

from bot.answer import Answer, Question, Style
from bot.answering import Answering, OnStage, OnText
from bot.errors import UnknownAnswerError, UnknownConversationError
from bot.guard.personal import mask
from bot.http.limits import limited
from bot.http.shapes import FeedbackRequest
from bot.office import Office
from bot.pages.speech import Speech
from bot.records.store import UNKNOWN_ANSWER
from bot.ui.citizen.conversation import Conversation, Shown
from bot.ui.citizen.further import further_questions
from bot.ui.citizen.grounds import grounds_of
from bot.ui.citizen.offered import offered
from bot.ui.citizen.reaching import help_with
from bot.ui.citizen.render import Render, Waiting
from bot.ui.citizen.restored import restored
from bot.ui.citizen.telling import REACHING
from bot.ui.citizen.welcome import Welcoming
from bot.ui.waiting import WaitingRoom

SKIP = gr.skip()


class Change(NamedTuple):
    """What an event changes, in the order of its outputs: what is kept, and pieces of the page."""

    conversation: Any = SKIP
    page: Any = SKIP


class Desk:
    """Answers the page's events; the conversation comes in and goes out with each of them.

    What a browser hands over is JSON.
    """

    def __init__(self, service: Answering, office: Office, render: Render) -> None:
        self._service = service
        self._office = office
        self._render = render
        self._welcoming = Welcoming(service)
        self._waiting_room = WaitingRoom()

    def first(self, speech: Speech) -> str:
        """Return the page as it comes from the server."""
        return self._render.first(self._welcoming.now(), help_with(self._service, self._office), speech)

    def open(self, handed: str, request: gr.Request) -> Iterator[Change]:
        """Go on where the browser was before it loaded the page anew, as it is to be spoken to.

        Where answers are written otherwise than the last one was, that is asked again.
        """
        browser = _read(handed)
        conversation_id, speech = str(browser.get("conversation") or ""), _speech(browser)
        conversation = restored(self._service, conversation_id, speech, self._as_shown)
        last = conversation.shown[-1] if conversation.shown else None
        is_as_wanted = last is None or _style(last.answer) == conversation.style
        try:
            yield self._whole(conversation, None if last is None or is_as_wanted else Waiting(last.question))
        except Exception as error:  # noqa: BLE001 - whatever cannot be shown again, the reader can ask anew
            problem = self._render.problem(error, speech)
            yield Change(Conversation(speech=speech), self._render.change(speech, talk="", problem=problem))
            return
        if last is None or is_as_wanted:
            return
        again = last.answer.question_understood or last.question
        yield from self._answered(again, last.question, conversation, request, instead=True)

    def clear(self, conversation: Conversation, request: gr.Request) -> Change:
        """Begin anew, and let nobody write an answer that is not waited for."""
        self.stop(request)
        speech = conversation.speech
        return Change(Conversation(speech=speech), self._render.change(speech, problem=""))

    def ask(self, handed: str, conversation: Conversation, request: gr.Request) -> Iterator[Change]:
        """Answer what was typed or pressed; when that fails, say why."""
        question = str(_read(handed).get("question") or "")
        # What is masked before it is recorded is not shown either.
        shown = mask(self._as_offered(question, conversation))
        yield from self._answered(question, shown, conversation, request)

    def stop(self, request: gr.Request) -> None:
        """Let no language model write any further: what holds by now is the answer, or the documents' own words."""
        self._waiting_room.stop(str(request.session_hash))

    def rate(self, handed: str, conversation: Conversation, request: gr.Request) -> Change:
        """Record what the reader thought of an answer of this conversation, and of no other."""
        speech = conversation.speech
        try:
            self._count(request)
            feedback = _vote(conversation, _read(handed))
            self._service.feedback(feedback)
        except Exception as error:  # noqa: BLE001 - whatever it is, the reader is told
            return Change(page=self._render.change(speech, problem=self._render.problem(error, speech)))
        conversation = conversation.with_rating(feedback.answer_id, feedback.rating)
        rated = next(one for one in conversation.shown if one.answer.answer_id == feedback.answer_id)
        pieces = {f"feedback-{feedback.answer_id}": self._render.thanked(rated, speech)}
        return Change(conversation, self._render.change(speech, **pieces, spoken=self._render.received(speech)))

    def _answered(
        self, question: str, asked: str, conversation: Conversation, request: gr.Request, *, instead: bool = False
    ) -> Iterator[Change]:
        """Put `question`, shown as `asked`; `instead` of the last answer, or behind it."""
        speech, render = conversation.speech, self._render
        put = Question(
            question=question,
            conversation_id=conversation.id,
            style=conversation.style,
            repeated=instead,
            language="ja" if speech.language == "easy" else speech.language,
        )
        try:
            self._count(request)
            answer = yield from self._waiting_room.answer(
                lambda on_stage, on_text: self._answer(put, on_stage, on_text),
                lambda progress: Change(
                    page=render.change(speech, article=render.waiting(Waiting(asked, progress), speech))
                ),
                str(request.session_hash),
            )
            answered = conversation.with_answer(self._as_shown(asked, answer), instead=instead)
            article, spoken = render.article(answered.shown[-1], speech), render.spoken(answer, speech)
        except Exception as error:  # noqa: BLE001 - whatever it is, the reader is told and keeps the question
            problem = render.problem(error, speech, kept=not instead and bool(question.strip()))
            before = {"talk": render.talk(conversation)} if instead else {}
            yield Change(page=render.change(speech, **before, problem=problem))
            return
        yield Change(answered, render.change(speech, article=article, spoken=spoken))
        yield Change()  # Gradio sends the last of what a generator yields once more: let that be nothing

    def _answer(self, asked: Question, on_stage: OnStage, on_text: OnText) -> Answer:
        """Ask within the conversation, or in a new one when its records are gone."""
        try:
            return self._service.ask(asked, on_stage, on_text)
        except UnknownConversationError:
            return self._service.ask(asked.model_copy(update={"conversation_id": None}), on_stage, on_text)

    def _as_shown(self, asked: str, answer: Answer) -> Shown:
        person = help_with(self._service, self._office, answer)
        return Shown(
            asked,
            answer,
            grounds_of(self._service, answer),
            further_questions(self._welcoming, answer),
            person,
            self._welcoming.now().topics if answer.status in REACHING else (),
        )

    def _as_offered(self, question: str, conversation: Conversation) -> str:
        """Return a question that the page offers as it stood there, in the reader's language; any other as it is."""
        begun, last = self._welcoming.now(), conversation.shown[-1].further if conversation.shown else ()
        is_offered = question in {*begun.questions, *last, *(one for topic in begun.topics for one in topic.questions)}
        return offered(question, conversation.speech).whole if is_offered else question

    def _whole(self, conversation: Conversation, waiting: Waiting | None = None) -> Change:
        """Return the whole conversation, in its words; `waiting` stands for its last turn."""
        talk = self._render.talk(conversation.without_last() if waiting else conversation, waiting)
        return Change(conversation, self._render.change(conversation.speech, talk=talk))

    def _count(self, request: gr.Request) -> None:
        """Count a question or a vote of this caller; raises ReaderError when there were too many."""
        if request.request:
            limited(request.request)


def _read(handed: str) -> Mapping[str, Any]:
    """Return what a browser handed over; nothing where that cannot be read."""
    try:
        read = json.loads(handed)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _style(answer: Answer) -> Style:
    """Return how an answer was written, which the steps tell that it took."""
    return "easy" if "plain" in answer.timings_ms else "standard"


def _vote(conversation: Conversation, sent: Mapping[str, Any]) -> FeedbackRequest:
    """Return a vote on an answer in sight.

    Raises UnknownAnswerError for any other, ValidationError for what is no vote.
    """
    vote = FeedbackRequest.model_validate(sent)
    if vote.answer_id not in {shown.answer.answer_id for shown in conversation.shown}:
        raise UnknownAnswerError(UNKNOWN_ANSWER)
    return vote


def _speech(browser: Mapping[str, Any]) -> Speech:
    """Return how a browser says that it is to be spoken to."""
    return Speech.chosen(browser.get("language"), browser.get("furigana"))
