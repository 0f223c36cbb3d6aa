"""Loads the message catalogue of a language."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

# やさしい日本語 is chosen like a language, and is Japanese to a browser.
Language = Literal["ja", "easy", "en", "zh", "vi", "pt"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
Catalogue = Mapping[str, Any]


@cache
def catalogue(language: Language = "ja") -> Catalogue:
    """Return the texts of a language by name; tables hold the texts of one place.

    `name` is what the language calls itself, `tag` its BCP 47 tag for the page.
    """
    return MappingProxyType(tomllib.loads(Path(__file__).with_name(f"{language}.toml").read_text("utf-8")))
