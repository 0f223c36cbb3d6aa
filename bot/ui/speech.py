"""In which words a page speaks: Japanese, easy Japanese or English. Its texts stand in files called `words.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

Speech = Literal["ja", "easy", "en"]
SPEECHES: tuple[Speech, ...] = get_args(Speech)
# What the pages share; a page adds its own.
SHARED = Path(__file__).with_name("words.toml")

Words = Mapping[str, Any]


@cache
def read_words(*files: Path) -> Mapping[Speech, Words]:
    """Return the texts of the shared file and of `files` by name, in each of the three.

    A text is a table of `ja`, `en` and, where the plain Japanese is not easy already, `easy`; other tables hold texts.
    """
    tables: dict[str, Any] = {}
    for file in (SHARED, *files):
        tables |= tomllib.loads(file.read_text("utf-8"))
    return MappingProxyType({speech: MappingProxyType(_said(tables, speech)) for speech in SPEECHES})


def _said(table: Mapping[str, Any], speech: Speech) -> dict[str, Any]:
    return {name: _text(entry, speech) if "ja" in entry else _said(entry, speech) for name, entry in table.items()}


def _text(entry: Mapping[str, str], speech: Speech) -> str:
    return entry["en"] if speech == "en" else entry.get(speech, entry["ja"])
