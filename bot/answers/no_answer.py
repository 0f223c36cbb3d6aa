"""Says that the documents do not answer, with related passages and whom to ask."""

from collections.abc import Sequence

from bot.answers.related_passages import find_related_passages
from bot.languages import join_sentences, message_text
from bot.question.query import JAPANESE
from bot.state import Draft, Status, Turn
from ingest.documents import Document


class NoAnswer:
    """Says that the `documents` do not tell; `contact` is a way to a person, or an empty string."""

    def __init__(self, documents: Sequence[Document], contact: str) -> None:
        self._titles = {document.id: document.title for document in documents}
        self._contact = contact

    def __call__(self, turn: Turn) -> Draft:
        """Return the refusal, in the asker's language, with up to three places near to what was asked.

        Where one document of several is meant, it is named; where nothing is near, it says what can be asked here.
        """
        language = turn.query.answer_language if turn.query else JAPANESE
        near = find_related_passages(turn.reading.passages, turn.query) if turn.reading else ()
        absent = turn.query.scope.absent if turn.query else frozenset()
        sorry = (
            message_text("absent", language, towns="・".join(sorted(absent))) if absent else self._sorry(turn, language)
        )
        said = [sorry, message_text("nearest" if near else "about", language)]
        said.append(
            message_text("contact", language, contact=self._contact)
            if self._contact
            else message_text("otherwise", language)
        )
        return Draft(join_sentences(said, language), status=Status.NO_ANSWER, nearest=near)

    def _sorry(self, turn: Turn, language: str) -> str:
        meant = turn.query.scope.allowed if turn.query else frozenset()
        if len(meant) != 1 or len(self._titles) == 1:
            return message_text("nothing", language)
        return message_text("nothing_in", language, title=self._titles[min(meant)])
