"""Event handlers of the citizen's page: opening, asking, stopping and rating.

The page keeps what it shows: a change holds what is new, and the conversation itself stays with the server.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import gradio as gr

from bot.errors import UnknownAnswerError, UnknownConversationError
from bot.http.limits import enforce_rate_limit
from bot.http.schemas import FeedbackRequest
from bot.office import Office
from bot.pages.citizen.answer_layout import REACHING
from bot.pages.citizen.answer_sources import collect_sources
from bot.pages.citizen.contact import help_for_answer
from bot.pages.citizen.conversation import Conversation, DisplayedAnswer
from bot.pages.citizen.next_questions import further_questions
from bot.pages.citizen.offered_question import translate_offered_question
from bot.pages.citizen.render import CitizenRenderer, PendingQuestion
from bot.pages.citizen.restoration import restore_conversation
from bot.pages.citizen.welcome import WelcomeCache
from bot.pages.waiting import WaitingRoom
from bot.privacy.personal import mask_personal_data
from bot.rendering.html.speech import Speech
from bot.runtime.service_interface import AnswerService, OnStage, OnText
from bot.state import Answer, Question, Style
from bot.storage.store import UNKNOWN_ANSWER

SKIP = gr.skip()


class PageChange(NamedTuple):
    """What an event changes, in the order of its outputs: what is kept, and pieces of the page."""

    conversation: Any = SKIP
    page: Any = SKIP


class CitizenEventHandler:
    """Answers the page's events; the conversation comes in and goes out with each of them.

    What a browser hands over is JSON.
    """

    def __init__(self, service: AnswerService, office: Office, render: CitizenRenderer) -> None:
        self._service = service
        self._office = office
        self._render = render
        self._welcoming = WelcomeCache(service)
        self._waiting_room = WaitingRoom()

    def first(self, speech: Speech) -> str:
        """Return the page as it comes from the server."""
        return self._render.first(self._welcoming.now(), help_for_answer(self._service, self._office), speech)

    def open(self, handed: str, request: gr.Request) -> Iterator[PageChange]:
        """Go on where the browser was before it loaded the page anew, as it is to be spoken to.

        Where answers are written otherwise than the last one was, that is asked again.
        """
        browser = _parse_browser_data(handed)
        conversation_id, speech = str(browser.get("conversation") or ""), _browser_speech(browser)
        conversation = restore_conversation(self._service, conversation_id, speech, self._to_displayed_answer)
        last = conversation.shown[-1] if conversation.shown else None
        is_as_wanted = last is None or _answer_style(last.answer) == conversation.style
        try:
            yield self._full_conversation(
                conversation, None if last is None or is_as_wanted else PendingQuestion(last.question)
            )
        except Exception as error:  # noqa: BLE001 - whatever cannot be shown again, the reader can ask anew
            problem = self._render.problem(error, speech)
            yield PageChange(Conversation(speech=speech), self._render.change(speech, talk="", problem=problem))
            return
        if last is None or is_as_wanted:
            return
        again = last.answer.question_understood or last.question
        yield from self._ask_and_show(again, last.question, conversation, request, instead=True)

    def clear(self, conversation: Conversation, request: gr.Request) -> PageChange:
        """Begin anew, and let nobody write an answer that is not waited for."""
        self.stop(request)
        speech = conversation.speech
        return PageChange(Conversation(speech=speech), self._render.change(speech, problem=""))

    def ask(self, handed: str, conversation: Conversation, request: gr.Request) -> Iterator[PageChange]:
        """Answer what was typed or pressed; when that fails, say why."""
        question = str(_parse_browser_data(handed).get("question") or "")
        # What is masked before it is recorded is not shown either.
        shown = mask_personal_data(self._translate_if_offered(question, conversation))
        yield from self._ask_and_show(question, shown, conversation, request)

    def stop(self, request: gr.Request) -> None:
        """Let no language model write any further: what holds by now is the answer, or the documents' own words."""
        self._waiting_room.stop(str(request.session_hash))

    def rate(self, handed: str, conversation: Conversation, request: gr.Request) -> PageChange:
        """Record what the reader thought of an answer of this conversation, and of no other."""
        speech = conversation.speech
        try:
            self._count_request(request)
            feedback = _parse_vote(conversation, _parse_browser_data(handed))
            self._service.feedback(feedback)
        except Exception as error:  # noqa: BLE001 - whatever it is, the reader is told
            return PageChange(page=self._render.change(speech, problem=self._render.problem(error, speech)))
        conversation = conversation.with_rating(feedback.answer_id, feedback.rating)
        rated = next(one for one in conversation.shown if one.answer.answer_id == feedback.answer_id)
        pieces = {f"feedback-{feedback.answer_id}": self._render.vote_confirmation(rated, speech)}
        return PageChange(conversation, self._render.change(speech, **pieces, spoken=self._render.received(speech)))

    def _ask_and_show(
        self, question: str, asked: str, conversation: Conversation, request: gr.Request, *, instead: bool = False
    ) -> Iterator[PageChange]:
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
            self._count_request(request)
            answer = yield from self._waiting_room.answer(
                lambda on_stage, on_text: self._answer(put, on_stage, on_text),
                lambda progress: PageChange(
                    page=render.change(speech, article=render.waiting(PendingQuestion(asked, progress), speech))
                ),
                str(request.session_hash),
            )
            answered = conversation.with_answer(self._to_displayed_answer(asked, answer), instead=instead)
            article, spoken = render.article(answered.shown[-1], speech), render.spoken(answer, speech)
        except Exception as error:  # noqa: BLE001 - whatever it is, the reader is told and keeps the question
            problem = render.problem(error, speech, kept=not instead and bool(question.strip()))
            before = {"talk": render.talk(conversation)} if instead else {}
            yield PageChange(page=render.change(speech, **before, problem=problem))
            return
        yield PageChange(answered, render.change(speech, article=article, spoken=spoken))
        yield PageChange()  # Gradio sends the last of what a generator yields once more: let that be nothing

    def _answer(self, asked: Question, on_stage: OnStage, on_text: OnText) -> Answer:
        """Ask within the conversation, or in a new one when its records are gone."""
        try:
            return self._service.ask(asked, on_stage, on_text)
        except UnknownConversationError:
            return self._service.ask(asked.model_copy(update={"conversation_id": None}), on_stage, on_text)

    def _to_displayed_answer(self, asked: str, answer: Answer) -> DisplayedAnswer:
        person = help_for_answer(self._service, self._office, answer)
        return DisplayedAnswer(
            asked,
            answer,
            collect_sources(self._service, answer),
            further_questions(self._welcoming, answer),
            person,
            self._welcoming.now().topics if answer.status in REACHING else (),
        )

    def _translate_if_offered(self, question: str, conversation: Conversation) -> str:
        """Return a question that the page offers as it stood there, in the reader's language; any other as it is."""
        begun, last = self._welcoming.now(), conversation.shown[-1].further if conversation.shown else ()
        is_offered = question in {*begun.questions, *last, *(one for topic in begun.topics for one in topic.questions)}
        return translate_offered_question(question, conversation.speech).whole if is_offered else question

    def _full_conversation(self, conversation: Conversation, waiting: PendingQuestion | None = None) -> PageChange:
        """Return the whole conversation, in its words; `waiting` stands for its last turn."""
        talk = self._render.talk(conversation.without_last() if waiting else conversation, waiting)
        return PageChange(conversation, self._render.change(conversation.speech, talk=talk))

    def _count_request(self, request: gr.Request) -> None:
        """Count a question or a vote of this caller; raises ReaderError when there were too many."""
        if request.request:
            enforce_rate_limit(request.request)


def _parse_browser_data(handed: str) -> Mapping[str, Any]:
    """Return what a browser handed over; nothing where that cannot be read."""
    try:
        read = json.loads(handed)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _answer_style(answer: Answer) -> Style:
    """Return how an answer was written, which the steps tell that it took."""
    return "easy" if {"easy_japanese", "plain"} & answer.timings_ms.keys() else "standard"  # "plain": before 0.24


def _parse_vote(conversation: Conversation, sent: Mapping[str, Any]) -> FeedbackRequest:
    """Return a vote on an answer in sight.

    Raises UnknownAnswerError for any other, ValidationError for what is no vote.
    """
    vote = FeedbackRequest.model_validate(sent)
    if vote.answer_id not in {shown.answer.answer_id for shown in conversation.shown}:
        raise UnknownAnswerError(UNKNOWN_ANSWER)
    return vote


def _browser_speech(browser: Mapping[str, Any]) -> Speech:
    """Return how a browser says that it is to be spoken to."""
    return Speech.chosen(browser.get("language"), browser.get("furigana"))
