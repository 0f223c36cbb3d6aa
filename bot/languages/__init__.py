"""Message catalogues of all languages, and the rendering of messages."""

from bot.languages.catalogue import LANGUAGES, Catalogue, Language, catalogue
from bot.languages.messages import (
    join_sentences,
    message_text,
    nest_quotes,
    translate_if_only_messages,
    translate_messages,
    translate_source_line,
)

__all__ = [
    "LANGUAGES",
    "Catalogue",
    "Language",
    "catalogue",
    "join_sentences",
    "message_text",
    "nest_quotes",
    "translate_if_only_messages",
    "translate_messages",
    "translate_source_line",
]
