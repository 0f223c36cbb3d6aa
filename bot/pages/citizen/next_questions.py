"""Follow-up questions to offer: suggestions of the answer, else example questions."""

from bot.pages.citizen.welcome import WelcomeCache
from bot.state import Answer

MOST = 3


def further_questions(welcoming: WelcomeCache, answer: Answer) -> tuple[str, ...]:
    """Return the answer's own suggestions, else up to `MOST` questions to begin with where it cites nothing."""
    if answer.suggestions or answer.citations:
        return answer.suggestions
    return tuple(q for q in welcoming.now().questions if q != answer.question_understood)[:MOST]
