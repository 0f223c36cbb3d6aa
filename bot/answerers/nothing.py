"""Where nothing answers: said so, with what lies near and whom to ask."""

from collections.abc import Sequence

from bot.answer import Status
from bot.answerers.nearest import nearest
from bot.languages import joined, say
from bot.query.query import JAPANESE
from bot.turn import Draft, Turn
from ingest.documents import Document


class Nothing:
    """Says that the `documents` do not tell; `contact` is a way to a person, or an empty string."""

    def __init__(self, documents: Sequence[Document], contact: str) -> None:
        self._titles = {document.id: document.title for document in documents}
        self._contact = contact

    def __call__(self, turn: Turn) -> Draft:
        """Return the refusal, in the asker's language, with up to three places near to what was asked.

        Where one document of several is meant, it is named; where nothing is near, it says what can be asked here.
        """
        language = turn.query.answer_language if turn.query else JAPANESE
        near = nearest(turn.reading.passages, turn.query) if turn.reading else ()
        absent = turn.query.scope.absent if turn.query else frozenset()
        sorry = say("absent", language, towns="・".join(sorted(absent))) if absent else self._sorry(turn, language)
        said = [sorry, say("nearest" if near else "about", language)]
        said.append(say("contact", language, contact=self._contact) if self._contact else say("otherwise", language))
        return Draft(joined(said, language), status=Status.NO_ANSWER, nearest=near)

    def _sorry(self, turn: Turn, language: str) -> str:
        meant = turn.query.scope.allowed if turn.query else frozenset()
        if len(meant) != 1 or len(self._titles) == 1:
            return say("nothing", language)
        return say("nothing_in", language, title=self._titles[min(meant)])
