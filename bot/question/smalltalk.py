"""Answers greetings and thanks."""

from bot.question.splitting import asks, is_courtesy
from bot.question.subject_words import CONVERSATION_WORDS
from bot.state import Draft, Status, Turn, paragraph, service_message
from ingest.japanese.tokenise import DENIALS, morphemes

# The keys of the messages of each reply, by what its words do.
_REPLIES = {"thanking": ("welcome", "more"), "parting": ("farewell",), "greeting": ("hello", "looks_up", "write")}


def smalltalk(turn: Turn) -> Turn:
    """Return the turn with a reply if its text is only a greeting or thanks."""
    text = turn.texts.searched.text
    tokens = morphemes(text)
    if asks(text) or not is_courtesy(text) or any(token.normal in DENIALS for token in tokens):
        return turn
    normals = {token.normal for token in tokens}
    reply = next((keys for does, keys in _REPLIES.items() if normals & CONVERSATION_WORDS[does]), ())
    if not reply:
        return turn
    return turn.with_draft(Draft((paragraph(*map(service_message, reply)),), status=Status.SMALLTALK))
