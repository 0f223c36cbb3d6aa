"""Whether a row is of another thing than the one asked about, whose name only ends alike (南分館, 北分館)."""

import re

from bot.find.evidence import Evidence
from ingest.normalise import nfkc

_BRACKETS = re.compile(r"\([^()]*\)|\s*※.*$")
# Kanji, katakana and letters: of these a name is made.
_OF_NAME = re.compile(r"[一-龥々ァ-ヶーA-Za-z]")
_NAME_BEFORE = re.compile(rf"{_OF_NAME.pattern}{{2,}}$")
# The first word of a name, of letters of one kind, and what joins it to another.
_FIRST = re.compile(r"[ァ-ヶー]{2,}|[一-龥々]{2,}|[A-Za-z]{2,}")
_JOINED = r"(?:と|や|・|、|及び|および|か)"
# Share of a row's name that must end alike, and the fewest characters of it.
_ALIKE, _FEWEST = 0.5, 2


def names_other_row(evidence: Evidence, question: str) -> bool:
    """Whether `question`, normalised, names another row than this one: its end, but with another word before it."""
    if evidence.kind != "row":
        return False
    name = re.sub(r"\s", "", _BRACKETS.sub("", nfkc(evidence.passage.cells[0].value)))
    text = re.sub(r"\s", "", question)
    if name in text:
        return False
    if (own := _FIRST.match(name)) and re.search(rf"{re.escape(own[0])}{_JOINED}", text):
        return False  # カキとワカメの水揚げ量 are both asked for
    for length in range(len(name) - 1, max(_FEWEST, int(len(name) * _ALIKE)) - 1, -1):
        ends = [match.start() for match in re.finditer(re.escape(name[-length:]), text)]
        if any((own := _NAME_BEFORE.search(text[:place])) and own[0] in name for place in ends):
            return False  # 産後ケアの利用者数 of 産後ケア事業の利用者数
        if ends:
            before = {text[place - 1] for place in ends if place}
            return all(_OF_NAME.match(c) for c in (*before, name[-length - 1])) and len(before) == len(ends)
    return False
