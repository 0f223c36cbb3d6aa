"""The languages that citizens are spoken to in: a catalogue of texts for each, and what the service says itself."""

from bot.languages.catalogue import LANGUAGES, Catalogue, Language, catalogue
from bot.languages.said import joined, lead_retold, quoted, retold, say, wholly_retold

__all__ = [
    "LANGUAGES",
    "Catalogue",
    "Language",
    "catalogue",
    "joined",
    "lead_retold",
    "quoted",
    "retold",
    "say",
    "wholly_retold",
]
