"""Where nothing answers: said so, with what lies near and whom to ask."""

from bot.answer import Status
from bot.answerers.excerpt import nearest
from bot.languages import joined, say
from bot.query.query import JAPANESE
from bot.turn import Draft, Turn


class Nothing:
    """Says that the documents do not tell; `contact` is a way to a person, or an empty string."""

    def __init__(self, contact: str) -> None:
        self._contact = contact

    def __call__(self, turn: Turn) -> Draft:
        """Return the refusal, in the asker's language, with up to three places near to what was asked.

        Where nothing is near, it says what can be asked here: waste and taxes are asked of a city's plans too.
        """
        language = turn.query.answer_language if turn.query else JAPANESE
        near = nearest(turn)
        absent = turn.query.scope.absent if turn.query else frozenset()
        sorry = say("absent", language, towns="・".join(sorted(absent))) if absent else say("nothing", language)
        said = [sorry, say("nearest" if near else "about", language)]
        said.append(say("contact", language, contact=self._contact) if self._contact else say("otherwise", language))
        return Draft(joined(said, language), status=Status.NO_ANSWER, nearest=near)
