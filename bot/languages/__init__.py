"""Message catalogues of all languages, and the rendering of messages."""

from bot.languages.catalogue import LANGUAGES, Catalogue, Language, catalogue
from bot.languages.messages import RenderName, nest_quotes, render_message, sentence_separator

__all__ = [
    "LANGUAGES",
    "Catalogue",
    "Language",
    "RenderName",
    "catalogue",
    "nest_quotes",
    "render_message",
    "sentence_separator",
]
