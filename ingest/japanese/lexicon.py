"""Loads the word lists of `lexicons/`, one TOML file a subject."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("lexicons")


@cache
def load_lexicon(name: str) -> Mapping[str, tuple[str, ...]]:
    """Return the lists of `lexicons/NAME.toml` in their order; a list is a string of words with white space between."""
    lists: dict[str, str] = tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))
    return {key: tuple(words.split()) for key, words in lists.items()}


def any_of(words: Iterable[str]) -> str:
    """Return a regular expression for any of `words`, which may be expressions; the first that matches is taken."""
    return f"(?:{'|'.join(words)})"
