"""A conversation that goes on after the page was loaded anew, from the records."""

from collections.abc import Callable
from dataclasses import replace

from bot.answer import Answer
from bot.answering import Answering
from bot.errors import BotError
from bot.pages.speech import Speech
from bot.ui.citizen.conversation import Conversation, Shown
from ingest.errors import IngestError


def restored(
    service: Answering, conversation_id: str, speech: Speech, as_shown: Callable[[str, Answer], Shown]
) -> Conversation:
    """Return the conversation as it was shown; an empty one where there is none, or none that can be read.

    `as_shown` makes of a question and its answer what the page shows.
    """
    conversation = Conversation(speech=speech)
    if not conversation_id:
        return conversation
    try:
        for told in service.conversation(conversation_id):
            shown = replace(as_shown(told.question, told.answer), rating=told.rating)
            conversation = conversation.with_answer(shown, instead=told.repeated)
    except (BotError, IngestError):
        return Conversation(speech=speech)
    return conversation
