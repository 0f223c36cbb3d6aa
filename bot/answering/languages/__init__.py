"""Message catalogues of all languages, and the rendering of messages."""

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from bot.answering.state import ChosenLanguage, ServiceMessage

# Easy Japanese (やさしい日本語) is chosen like a language; browsers get the tag of Japanese.
Language = ChosenLanguage | Literal["easy"]
_CHOSEN = get_args(ChosenLanguage)
LANGUAGES: tuple[Language, ...] = (_CHOSEN[0], "easy", *_CHOSEN[1:])
NAMES_IN_JAPANESE: Mapping[str, str] = {
    "ja": "日本語",
    "en": "英語",
    "zh": "中国語",
    "vi": "ベトナム語",
    "pt": "ポルトガル語",
    "ko": "韓国語",
}
"""What prompts call the languages of answers; questions in Korean are answered too, without a catalogue."""
Catalogue = Mapping[str, Any]


@cache
def catalogue(language: Language = "ja") -> Catalogue:
    """Return the texts of a language by key.

    The key "name" has the name of the language in that language, "tag" its BCP 47 tag.
    """
    return MappingProxyType(tomllib.loads(Path(__file__).with_name(f"{language}.toml").read_text("utf-8")))


RenderName = Callable[[str], str]
_BRACKETED = re.compile(r"「([^「」]*)」")
# Languages without a space between sentences.
_UNSPACED: frozenset[str] = frozenset({"ja", "easy", "zh"})


def render_message(message: ServiceMessage, language: str = "ja", render_name: RenderName = str) -> str:
    """Return a message in a language, in Japanese where it has no catalogue; `render_name` formats the names in it.

    An argument `date` is YYYY, YYYY-MM or YYYY-MM-DD, and is written as the language has it.
    """
    names = {
        name: format_date(value, _language(language)) if name == "date" else render_name(value)
        for name, value in message.arguments
    }
    return str(catalogue(_language(language))["said"][message.key]).format(**names)


def pick_text(texts: Mapping[str, str], language: str) -> str:
    """Return the text in a language, else in Japanese, else in any; "" for no texts."""
    return texts.get(language) or texts.get("ja") or next(iter(texts.values()), "")


def nest_quotes(name: str) -> str:
    """Return a name for use within 「」: inner brackets become 『』, and brackets around the name are dropped."""
    bracketed = _BRACKETED.fullmatch(name)
    return _BRACKETED.sub(r"『\1』", bracketed[1] if bracketed else name)


def sentence_separator(language: str) -> str:
    """Return the separator between two sentences."""
    return "" if language in _UNSPACED else " "


def format_date(written: str, language: Language = "ja") -> str:
    """Return a date (YYYY, YYYY-MM or YYYY-MM-DD) in a language, as precise as it is known."""
    words = catalogue(language)["days"]
    parts = dict(zip(("year", "month", "day"), map(int, written.split("-")), strict=False))
    most_precise = [*parts][-1]
    month_name = words["names"].split()[parts["month"] - 1] if "month" in parts else ""
    return str(words[most_precise]).format(name=month_name, **parts)


def _language(language: str) -> Language:
    return next((supported for supported in LANGUAGES if supported == language), "ja")
