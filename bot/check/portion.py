"""Whether a part and its whole are told apart: of 198件/207件 the second is what there is in all."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.check.claims import figures
from bot.check.figure import Figure
from bot.check.grounds import Grounds
from bot.check.statements import Statement

_OF_ALL = re.compile("対象|全|うち|中|総|計|分の|/|分母")


def whole_as_part(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield the wholes that are told as if they were the part."""
    text = statement.text
    told = figures(text)
    for part, whole in (pair for source in sources for pair in _portions(source.text)):
        said = next((f for f in told if (f.value, f.unit) == (whole.value, whole.unit)), None)
        if said and not any((f.value, f.unit) == (part.value, part.unit) for f in told) and not _OF_ALL.search(text):
            yield f"「{text[said.start : said.end]}」は出典では全体の数です"


def _portions(text: str) -> Iterator[tuple[Figure, Figure]]:
    for part, whole in pairwise(figures(text)):
        if part.unit == whole.unit and text[part.end : whole.start].strip() == "/" and part.value < whole.value:
            yield part, whole
