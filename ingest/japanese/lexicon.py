"""Loads the word lists of `lexicons/`, one TOML file per subject."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("lexicons")


@cache
def load_lexicon(name: str) -> Mapping[str, tuple[str, ...]]:
    """Return the lists of `lexicons/NAME.toml` in order; a list is a string of words separated by white space."""
    lists: dict[str, str] = tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))
    return {key: tuple(words.split()) for key, words in lists.items()}


def any_of(words: Iterable[str]) -> str:
    """Return a regular expression that matches any of `words`, which may be expressions; the first match is used."""
    return f"(?:{'|'.join(words)})"
