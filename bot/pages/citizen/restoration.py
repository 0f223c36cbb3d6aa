"""Restores a conversation from the records after the page is reloaded."""

from collections.abc import Callable
from dataclasses import replace

from bot.errors import BotError
from bot.pages.citizen.conversation import Conversation, DisplayedAnswer
from bot.rendering.html.speech import Speech
from bot.runtime.service_interface import AnswerService
from bot.state import Answer
from ingest.errors import IngestError


def restore_conversation(
    service: AnswerService, conversation_id: str, speech: Speech, as_shown: Callable[[str, Answer], DisplayedAnswer]
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
