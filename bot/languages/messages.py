"""Renders the service's messages in a language."""

import re
from collections.abc import Callable, Mapping

from bot.languages.catalogue import LANGUAGES, catalogue
from bot.state import Message

RenderName = Callable[[str], str]
_BRACKETED = re.compile(r"「([^「」]*)」")
# Languages without a space between sentences.
_UNSPACED: frozenset[str] = frozenset({"ja", "easy", "zh"})


def render_message(message: Message, language: str = "ja", render_name: RenderName = str) -> str:
    """Return a message in a language, in Japanese where it has no catalogue; `render_name` formats the names in it."""
    names = {name: render_name(value) for name, value in message.arguments}
    return str(_texts(language)[message.key]).format(**names)


def nest_quotes(name: str) -> str:
    """Return a name for use within 「」: inner brackets become 『』, and brackets around the name are dropped."""
    bracketed = _BRACKETED.fullmatch(name)
    return _BRACKETED.sub(r"『\1』", bracketed[1] if bracketed else name)


def sentence_separator(language: str) -> str:
    """Return the separator between two sentences."""
    return "" if language in _UNSPACED else " "


def _texts(language: str) -> Mapping[str, str]:
    known = next((supported for supported in LANGUAGES if supported == language), "ja")
    texts: Mapping[str, str] = catalogue(known)["said"]
    return texts
