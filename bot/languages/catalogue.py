"""Loads the message catalogue of a language."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

# Easy Japanese (やさしい日本語) is chosen like a language; its tag for browsers is that of Japanese.
Language = Literal["ja", "easy", "en", "zh", "vi", "pt"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
Catalogue = Mapping[str, Any]


@cache
def catalogue(language: Language = "ja") -> Catalogue:
    """Return the texts of a language by key.

    `name` is the language's own name, `tag` its BCP 47 tag.
    """
    return MappingProxyType(tomllib.loads(Path(__file__).with_name(f"{language}.toml").read_text("utf-8")))
