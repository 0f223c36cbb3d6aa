"""The counters that a question asks for (何件, 何経営体), read as those of figures are: any noun may be one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.normalise import counter_at

_HOW_MANY = re.compile(r"何(?:十|百|千|万|億|兆)*")
# What asks for a date, an hour, a person, a thing or a sort of things, and for no number.
_NO_NUMBER = re.compile(r"年(?![生齢])|月|日|時(?!間)|度|番(?!目)|[曜者故処語色科]")


@dataclass(frozen=True, slots=True)
class CounterAsked:
    """A counter behind 何, the two together at `text[start:end]`."""

    start: int
    end: int
    unit: str


def counters_asked(text: str) -> Iterator[CounterAsked]:
    """Yield the counters that normalised `text` asks for, in order; 何年 and 何色 ask for no number."""
    for match in _HOW_MANY.finditer(text):
        if not _NO_NUMBER.match(text, match.end()) and (counter := counter_at(text, match.end())):
            yield CounterAsked(match.start(), match.end() + counter.length, counter.unit)
