"""A conversation that goes on after the page was loaded anew, from the records."""

from bot.answering import Answering
from bot.errors import BotError
from bot.ui.citizen.conversation import Conversation, Shown
from bot.ui.citizen.further import further_questions
from bot.ui.citizen.grounds import grounds_of
from bot.ui.citizen.welcome import Welcoming
from bot.ui.speech import Speech
from ingest.errors import IngestError


def restored(service: Answering, welcoming: Welcoming, conversation_id: str, speech: Speech) -> Conversation:
    """Return the conversation as it was shown; an empty one where there is none, or none that can be read."""
    conversation = Conversation(speech=speech)
    if not conversation_id:
        return conversation
    try:
        for told in service.conversation(conversation_id):
            shown = Shown(told.question, told.answer, grounds_of(service, told.answer), rating=told.rating)
            conversation = conversation.with_answer(shown, instead=told.repeated)
        if not conversation.shown:
            return conversation
        last = conversation.shown[-1]
        return conversation.with_further(further_questions(welcoming, last.answer))
    except (BotError, IngestError):
        return Conversation(speech=speech)
