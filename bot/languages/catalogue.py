"""Loads the message catalogue of a language."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from bot.state import ChosenLanguage

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
