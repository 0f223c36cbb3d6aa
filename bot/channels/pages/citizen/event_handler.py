"""Event handlers of the citizens' chat: opening, asking, stopping, choosing how it speaks, and rating."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import gradio as gr

from bot.answering.privacy.personal import mask_personal_data
from bot.answering.state import Answer, Question
from bot.channels.api.schemas import FeedbackRequest
from bot.channels.html.answer_parts import shown_outcome
from bot.channels.html.display_preferences import SIZES, DisplayPreferences, request_preferences
from bot.channels.pages.citizen.answering_pool import AnsweringPool, AnswerProgress
from bot.channels.pages.citizen.citizen_renderer import UNRATED, CitizenRenderer, PendingQuestion
from bot.channels.pages.citizen.conversation import (
    Conversation,
    Rating,
    Welcome,
    ask_in_conversation,
    current_welcome,
    display_answer,
    help_for_answer,
    restore_conversation,
    translate_offered_question,
)
from bot.errors import UnknownAnswerError
from bot.running.http.limits import enforce_rate_limit, serve_request
from bot.running.office.office import Office
from bot.running.service.service import AnswerListener, Service
from bot.running.storage.record_store import UNKNOWN_ANSWER

SKIP = gr.skip()


class PageChange(NamedTuple):
    """A new value or update for each output of an event, in order; by default unchanged."""

    conversation: Any = SKIP
    name: Any = SKIP
    end: Any = SKIP
    language: Any = SKIP
    furigana: Any = SKIP
    size: Any = SKIP
    chat: Any = SKIP
    stop: Any = SKIP
    rating_label: Any = SKIP
    up: Any = SKIP
    down: Any = SKIP
    reasons: Any = SKIP
    comment: Any = SKIP
    send: Any = SKIP
    scope: Any = SKIP
    note: Any = SKIP
    town: Any = SKIP
    problem: Any = SKIP
    box: Any = SKIP
    spoken: Any = SKIP


class RatingChange(NamedTuple):
    """What asks for a rating of the last answer, or thanks for it; the form for reasons is closed and empty.

    It is an event of its own: Gradio loses a change of visibility that follows another change too soon.
    """

    rating: Any
    thanks: Any
    why: Any = gr.update(visible=False)
    reasons: Any = gr.update(value=[])
    comment: Any = ""


# Stages in which a language model writes.
_STOPPABLE = frozenset({"model", "writing", "easy_japanese"})


class CitizenEventHandler:
    """Handles the events of the chat; each takes the conversation and returns what changes."""

    def __init__(self, service: Service, office: Office, render: CitizenRenderer) -> None:
        self._service = service
        self._office = office
        self._render = render
        self._pool = AnsweringPool()

    def open(self, request: gr.Request) -> PageChange:
        preferences = request_preferences(request.request) if request.request else DisplayPreferences()
        return self._update_texts(preferences)._replace(
            conversation=Conversation(preferences=preferences), scope=self._scope(preferences)
        )

    def resume(self, conversation_id: str, conversation: Conversation, request: gr.Request) -> Iterator[PageChange]:
        preferences = conversation.preferences
        try:
            restored = restore_conversation(self._service, self._office, conversation_id, preferences)
            yield from self._show_in_style(restored, request)
        except Exception as error:  # noqa: BLE001 - the reader can ask again whatever cannot be restored
            yield PageChange(problem=self._render.problem(error, preferences))
        yield PageChange(note=self._render.note(current_welcome(self._service), preferences, is_resumed=True))

    def choose_language(self, language: str, conversation: Conversation, request: gr.Request) -> Iterator[PageChange]:
        """Show everything in another language; asks the last question again if its answer has another style."""
        preferences = DisplayPreferences.chosen(language, size=conversation.preferences.size)
        yield self._update_texts(preferences)
        yield from self._show_in_style(replace(conversation, preferences=preferences), request)

    def choose_furigana(self, furigana: bool, conversation: Conversation) -> PageChange:  # noqa: FBT001 - a component's value
        preferences = replace(conversation.preferences, furigana=furigana)
        texts = self._update_texts(preferences)
        change = self._show(replace(conversation, preferences=preferences))
        return texts._replace(conversation=change.conversation, scope=change.scope, chat=change.chat or texts.chat)

    def choose_size(self, size: str, conversation: Conversation) -> PageChange:
        preferences = replace(conversation.preferences, size=size)
        return PageChange(
            replace(conversation, preferences=preferences),
            note=self._render.note(current_welcome(self._service), preferences),
        )

    def end(self, conversation: Conversation, request: gr.Request) -> PageChange:
        self.stop(request)
        preferences = conversation.preferences
        ended = self._render.announcement(preferences.words["bar"]["ended"])
        return self._show(Conversation(preferences=preferences))._replace(problem="", spoken=ended)

    def remove_town(self, conversation: Conversation) -> PageChange:
        removed = replace(conversation, is_town_removed=True)
        words = conversation.preferences.words["town"]
        return PageChange(
            conversation=removed, town=_town_chip(removed), spoken=self._render.announcement(words["removed"])
        )

    def ask(
        self, typed: str, conversation: Conversation, event: gr.EventData, request: gr.Request
    ) -> Iterator[PageChange]:
        question = typed
        if getattr(event.target, "elem_id", "") == "chat":
            chosen = getattr(event, "value", "")
            question = str(chosen.get("text", "") if isinstance(chosen, dict) else chosen)
        if not question.strip():
            yield PageChange()
            return
        welcome = current_welcome(self._service)
        last = conversation.answers[-1].further if conversation.answers else ()
        shown_question = question
        if question in {*welcome.questions, *last}:
            shown_question = translate_offered_question(question, conversation.preferences).whole
        # Personal data is masked on the page as it is in the records.
        yield from self._ask_and_show(question, mask_personal_data(shown_question), conversation, request)

    def stop(self, request: gr.Request) -> None:
        self._pool.stop(str(request.session_hash))

    def show_rating(self, conversation: Conversation) -> RatingChange:
        last = conversation.answers[-1] if conversation.answers else None
        is_rated = bool(last and last.rating)
        is_unrated = last is not None and (last.answer.status in UNRATED or not shown_outcome(last.answer))
        return RatingChange(
            rating=gr.update(visible=last is not None and not is_rated and not is_unrated),
            thanks=self._render.thanks(last, conversation.preferences) if last and is_rated else "",
        )

    def ask_why(self) -> Any:
        return gr.update(visible=True)

    def rate_up(self, conversation: Conversation, request: gr.Request) -> PageChange:
        return self._rate("up", [], "", conversation, request)

    def rate_down(
        self, reasons: list[str], comment: str, conversation: Conversation, request: gr.Request
    ) -> PageChange:
        return self._rate("down", reasons, comment, conversation, request)

    def _rate(
        self, rating: Rating, reasons: list[str], comment: str, conversation: Conversation, request: gr.Request
    ) -> PageChange:
        preferences = conversation.preferences
        if not conversation.answers:
            return PageChange(problem=self._render.problem(UnknownAnswerError(UNKNOWN_ANSWER), preferences))
        answer_id = conversation.answers[-1].answer.answer_id
        try:
            _count_request(request)
            vote = FeedbackRequest(answer_id=answer_id, rating=rating, reasons=reasons, comment=comment)
            self._service.feedback(**vote.model_dump())
        except Exception as error:  # noqa: BLE001 - any error is reported to the reader
            return PageChange(problem=self._render.problem(error, preferences))
        rated = conversation.with_rating(answer_id, rating)
        return PageChange(
            conversation=rated, spoken=self._render.announcement(preferences.words["feedback"]["received"])
        )

    def _show_in_style(self, conversation: Conversation, request: gr.Request) -> Iterator[PageChange]:
        last = conversation.answers[-1] if conversation.answers else None
        if last is None or ("easy_japanese" in last.answer.timings_ms) == (conversation.style == "easy"):
            yield self._show(conversation)
            return
        again = last.question if last.answer.questions else last.answer.question_understood or last.question
        yield from self._ask_and_show(again, last.question, conversation, request, instead=True)

    def _ask_and_show(
        self,
        question: str,
        shown_question: str,
        conversation: Conversation,
        request: gr.Request,
        *,
        instead: bool = False,
    ) -> Iterator[PageChange]:
        preferences = conversation.preferences
        w = preferences.words
        render = self._render
        request_to_service = Question(
            question=question,
            conversation_id=conversation.id,
            style=conversation.style,
            repeated=instead,
            language="ja" if preferences.language == "easy" else preferences.language,
            town="" if conversation.is_town_removed else None,
        )
        earlier = replace(conversation, answers=conversation.answers[:-1]) if instead else conversation

        def ask(listener: AnswerListener) -> Answer:
            with serve_request(request.request):
                return ask_in_conversation(self._service, request_to_service, listener)

        def show_progress(progress: AnswerProgress) -> PageChange:
            is_provisional = progress.provisional is not None and not progress.text
            return PageChange(
                end=gr.update(visible=True),
                chat=render.messages(earlier, PendingQuestion(shown_question, progress)),
                stop=gr.update(visible=progress.stage in _STOPPABLE),
                scope=gr.update(visible=False),
                problem="",
                spoken=render.announcement(w["answer"]["spoken_provisional"]) if is_provisional else SKIP,
            )

        try:
            yield show_progress(AnswerProgress())
            _count_request(request)
            answer = yield from self._pool.answer(ask, show_progress, str(request.session_hash))
            displayed = display_answer(self._service, self._office, shown_question, answer)
            yield self._show(conversation.with_answer(displayed, instead=instead))._replace(
                spoken=render.spoken(answer, preferences), problem=""
            )
        except Exception as error:  # noqa: BLE001 - any error is reported, and the reader keeps the question
            yield self._show(conversation)._replace(
                problem=render.problem(error, preferences, is_question_kept=not instead)
            )
        yield PageChange()  # Gradio sends the last change of a generator twice

    def _show(self, conversation: Conversation) -> PageChange:
        return PageChange(
            conversation=conversation,
            end=gr.update(visible=True if conversation.answers else "hidden"),
            chat=self._render.messages(conversation),
            stop=gr.update(visible=False),
            scope=gr.update(visible=False) if conversation.answers else self._scope(conversation.preferences),
            town=_town_chip(conversation),
        )

    def texts(self, preferences: DisplayPreferences, welcome: Welcome) -> dict[str, dict[str, Any]]:
        """Return the texts of the components in the reader's language, as their keyword arguments."""
        w = preferences.words
        bar, entry, feedback = w["bar"], w["entry"], w["feedback"]
        offered = [
            (question, translate_offered_question(question, preferences).whole) for question in welcome.questions
        ]
        return {
            "name": {"value": self._render.name(preferences)},
            "end": {"value": bar["end"]},
            "language": {"value": preferences.language, "label": bar["speech"]},
            "furigana": {"value": preferences.furigana, "label": bar["furigana"]},
            "size": {
                "value": preferences.size,
                "label": bar["size"],
                "choices": [(bar[f"size_{size}"], size) for size in SIZES],
            },
            "chat": {
                "label": entry["label"],
                "placeholder": self._render.welcome(welcome, preferences),
                "examples": [{"text": question, "display_text": text} for question, text in offered],
            },
            "stop": {"value": w["answer"]["enough"]},
            "rating_label": {"value": feedback["ask"]},
            "up": {"value": feedback["up"]},
            "down": {"value": feedback["down"]},
            "reasons": {"label": feedback["why"], "choices": self._render.reason_choices(preferences)},
            "comment": {"label": feedback["comment"], "info": feedback["private"]},
            "send": {"value": feedback["send"]},
            "note": {"value": self._render.note(welcome, preferences)},
            "box": {"label": entry["label"], "placeholder": entry["placeholder"], "submit_btn": entry["send"]},
        }

    def _update_texts(self, preferences: DisplayPreferences) -> PageChange:
        texts = self.texts(preferences, current_welcome(self._service))
        return PageChange(**{name: gr.update(**arguments) for name, arguments in texts.items()})

    def _scope(self, preferences: DisplayPreferences) -> Any:
        help_ = help_for_answer(self._service, self._office)
        return gr.update(value=self._render.scope(current_welcome(self._service), help_, preferences), visible=True)


def _count_request(request: gr.Request) -> None:
    if request.request:
        enforce_rate_limit(request.request)


def _town_chip(conversation: Conversation) -> Any:
    label = conversation.preferences.words["town"]["about"].format(town=conversation.town)
    return gr.update(value=label, visible=True if conversation.town else "hidden")
