"""Whether a part and its whole are told apart: of 198件/207件 and of 207件のうち198件 it is said which is all."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.check.claims import figures
from bot.check.figure import Figure
from bot.check.grounds import Grounds
from bot.check.pieces import subject_words
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


_AMONG = re.compile(
    r"\s?(?:の|で(?:した|す|あり)?|あり)?[(、。]?(?:この|その)?(?:うち|内訳は)、?(?P<part>[^。()\d]{0,24}?)約?"
)
_SAYS_PART = re.compile("うち|の中|内訳|一部")
_LAST_NOUN = re.compile(r"[一-龥ァ-ヶー]+[はがの]?$")


def part_as_whole(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield the parts that are told without their whole, and without a word of what makes them a part."""
    text = statement.text
    told = {(f.value, f.unit) for f in figures(text)}
    for whole, part, makes in (found for source in sources for found in _among(source.text)):
        alone = (part.value, part.unit) in told and (whole.value, whole.unit) not in told
        if alone and makes and not makes & subject_words(text) and not _SAYS_PART.search(text):
            yield f"「{part.value}{part.unit}」は出典では一部の数です"


def _among(text: str) -> Iterator[tuple[Figure, Figure, frozenset[str]]]:
    """Yield whole and part of each 113人のうち14人 with the nouns that make the part one."""
    for whole, part in pairwise(figures(text)):
        between = _AMONG.fullmatch(text[whole.end : part.start])
        once = sum((f.value, f.unit) == (part.value, part.unit) for f in figures(text)) == 1
        if between and once and whole.unit == part.unit and part.value < whole.value:
            sentence = re.split(r"[。\n]", text[: whole.start])[-1]
            before = _LAST_NOUN.sub("", sentence)
            own = subject_words(sentence[len(before) :])
            yield whole, part, subject_words(between["part"]) or (subject_words(before) - own)
