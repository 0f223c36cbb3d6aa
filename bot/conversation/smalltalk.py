"""Answers greetings and thanks."""

from collections.abc import Sequence

from bot.question.subject_words import CONVERSATION_WORDS
from bot.splitting import asks, is_courtesy
from bot.state import Draft, Status, Turn, paragraph, service_message
from ingest.japanese.tokenise import DENIALS, Morpheme, morphemes

# The keys of the messages of each reply, by what its words do.
_REPLIES = {"thanking": ("welcome", "more"), "parting": ("farewell",), "greeting": ("hello", "looks_up", "write")}


def smalltalk(turn: Turn) -> Turn:
    """Return the turn with a reply if its text is only a greeting or thanks."""
    text = turn.texts.searched
    tokens = morphemes(text)
    if asks(text) or not is_courtesy(text) or any(token.normal in DENIALS for token in tokens):
        return turn
    reply = next((keys for does, keys in _REPLIES.items() if _has_word(tokens, does)), ())
    if not reply:
        return turn
    return turn.with_draft(Draft((paragraph(*map(service_message, reply)),), status=Status.SMALLTALK))


def _has_word(tokens: Sequence[Morpheme], does: str) -> bool:
    return any(token.normal in CONVERSATION_WORDS[does] for token in tokens)
