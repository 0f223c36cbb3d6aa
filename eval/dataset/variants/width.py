"""Rewrites a question in full-width letters and half-width katakana."""

from collections.abc import Iterator
from functools import cache

from ingest.japanese import nfkc

_WIDE = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}
_NARROW_KATAKANA = range(0xFF66, 0xFF9E)
_VOICED = ("", "ﾞ", "ﾟ")


def change_width(text: str) -> Iterator[str]:
    """Yield normalised `text` with its ASCII letters wide, and with its katakana narrow."""
    yield text.translate(_WIDE)
    yield text.translate(_narrow_katakana())


@cache
def _narrow_katakana() -> dict[int, str]:
    narrow = [chr(code) + mark for code in _NARROW_KATAKANA for mark in _VOICED]
    return {ord(wide): written for written in narrow if len(wide := nfkc(written)) == 1}
