"""Adds to an answer what the chat shows with it, and restores recorded conversations."""

from contextlib import suppress
from dataclasses import replace

from bot.errors import BotError, UnknownPassageError
from bot.office import Office
from bot.pages.citizen.answer_layout import REFERRING
from bot.pages.citizen.contact import help_for_answer
from bot.pages.citizen.conversation import AnswerSources, Conversation, DisplayedAnswer
from bot.pages.citizen.welcome import WelcomeCache
from bot.rendering.html.display_preferences import DisplayPreferences
from bot.runtime.service_interface import AnswerService
from bot.state import Answer
from ingest.errors import IngestError

_MAX_EXAMPLES = 3


class AnswerDisplay:
    """Makes `DisplayedAnswer`s from the answers of a service."""

    def __init__(self, service: AnswerService, office: Office, welcome: WelcomeCache) -> None:
        self._service = service
        self._office = office
        self._welcome = welcome

    def display(self, question: str, answer: Answer) -> DisplayedAnswer:
        """Return an answer with its sources, the questions that may come next, and whom to turn to."""
        return DisplayedAnswer(
            question=question,
            answer=answer,
            grounds=self._load_sources(answer),
            further=self._next_questions(answer),
            help=help_for_answer(self._service, self._office, answer),
            topics=self._welcome.now().topics if answer.status in REFERRING else (),
        )

    def restore(self, conversation_id: str, preferences: DisplayPreferences) -> Conversation:
        """Return a recorded conversation as it was shown; an empty one if there is none or it cannot be read."""
        conversation = Conversation(preferences=preferences)
        if not conversation_id:
            return conversation
        try:
            for turn in self._service.conversation(conversation_id):
                displayed = replace(self.display(turn.question, turn.answer), rating=turn.rating)
                conversation = conversation.with_answer(displayed, instead=turn.repeated)
        except (BotError, IngestError):
            return Conversation(preferences=preferences)
        return conversation

    def _load_sources(self, answer: Answer) -> AnswerSources:
        citations = (*answer.citations, *answer.nearest)
        if not citations:
            return AnswerSources()
        passages = {}
        for passage_id in {citation.passage_id for citation in citations}:
            with suppress(UnknownPassageError):
                passages[passage_id] = self._service.passage(passage_id).text
        doc_ids = {citation.doc_id for citation in citations} | {citation.superseded_by for citation in citations}
        documents = {state.document.id: state for state in self._service.documents() if state.document.id in doc_ids}
        return AnswerSources(passages, documents)

    def _next_questions(self, answer: Answer) -> tuple[str, ...]:
        if answer.suggestions or answer.citations:
            return answer.suggestions
        examples = self._welcome.now().questions
        return tuple(example for example in examples if example != answer.question_understood)[:_MAX_EXAMPLES]
