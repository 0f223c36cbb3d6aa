"""Message catalogues of all languages, and the rendering of messages."""

from bot.languages.catalogue import LANGUAGES, NAMES_IN_JAPANESE, Catalogue, Language, catalogue
from bot.languages.messages import RenderName, format_date, nest_quotes, render_message, sentence_separator

__all__ = [
    "LANGUAGES",
    "NAMES_IN_JAPANESE",
    "Catalogue",
    "Language",
    "RenderName",
    "catalogue",
    "format_date",
    "nest_quotes",
    "render_message",
    "sentence_separator",
]
