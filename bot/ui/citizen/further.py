"""What a reader may ask next: what the answer suggests, else questions to begin with."""

from bot.answer import Answer
from bot.ui.citizen.welcome import Welcoming

MOST = 3


def further_questions(welcoming: Welcoming, answer: Answer) -> tuple[str, ...]:
    """Return the answer's own suggestions, else up to `MOST` questions to begin with where it cites nothing."""
    if answer.suggestions or answer.citations:
        return answer.suggestions
    return tuple(q for q in welcoming.now().questions if q != answer.question_understood)[:MOST]
