"""Alters one figure, date or name of an answer at a time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.state.citation_marks import CITATION_MARK
from bot.verification import names, organisation_names
from ingest.japanese import dates, nfkc
from ingest.japanese.figures import figures

Thing = Literal["figure", "date", "name"]
# Replacement numbers: small, large, and like a year.
_OTHERS = (7, 13, 4711, 2017)
_OTHER_NAME = "富山県高岡市"


@dataclass(frozen=True, slots=True)
class AlteredText:
    """An answer's text in which `written`, of kind `thing`, was replaced by `now`."""

    text: str
    thing: Thing
    written: str
    now: str


def alter_text(text: str) -> Iterator[AlteredText]:
    """Yield the normalised text with one change each; citation marks are not changed."""
    text = nfkc(text)
    marks = [match.span() for match in CITATION_MARK.finditer(text)]
    for thing, start, end, now in _possible_changes(text):
        if not any(start < stop and begin < end for begin, stop in marks) and text[start:end] != now:
            yield AlteredText(text[:start] + now + text[end:], thing, text[start:end], now)


def _possible_changes(text: str) -> Iterator[tuple[Thing, int, int, str]]:
    for figure in figures(text):
        written = text[figure.start : figure.end]
        for other in _OTHERS:
            now = re.sub(r"[\d,.]+", str(other), written, count=1)
            yield "figure", figure.start, figure.end, now
    for mention in dates(text):
        written = text[mention.start : mention.end]
        for number in re.finditer(r"\d+", written):
            now = f"{written[: number.start()]}{int(number[0]) + 1}{written[number.end() :]}"
            yield "date", mention.start, mention.end, now
    for name in dict.fromkeys([*(name for _, name in names(text)), *organisation_names(text)]):
        at = text.find(name)
        yield "name", at, at + len(name), _OTHER_NAME
