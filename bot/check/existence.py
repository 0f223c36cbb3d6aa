"""Whether what a source says there is, is told as not there, or the other way round: a condition, a limit, a fee."""

import re
from collections.abc import Iterator, Sequence

from bot.check.grounds import Grounds
from bot.check.pieces import Piece, subject_words
from bot.check.statements import Statement

_NOUN = r"(?P<noun>[一-龥ァ-ヶー]{2,8})"
_NOT_THERE = (
    r"[はがもにを]?(?:、|特に|一切|いっさい){0,2}(?:ありませ|ござい?ませ|ない(?!か|と)|な[くし](?!て|れば)|無し?(?![一-龥])|"
    r"問わ[なずれ]|問いませ|設けてい?(?:な|ませ)|設けな|付けず|付さず)"
)
_THERE = r"(?:が|は|も)(?:あり(?!ませ)|ある|あっ|設け(?:て|ら)|付い?[てく]|課さ)"
_ABSENT = re.compile(_NOUN + _NOT_THERE)
_PRESENT = re.compile(_NOUN + _THERE)
# 無条件, 無制限, 無期限: a noun with its denial in front.
_WITHOUT = re.compile(r"(?<![一-龥])無(?P<noun>[一-龥]{2})(?=[のでにと、。]|$)")
# How a source says that something is there.
_SAID = (
    r"(?:と(?:す|し|な)|が(?:あ|必要)|を(?:付|設|定|満|条件)|に(?:該当|限|、|承認|認め)|:|\s|は(?!あ?りませ|な[いく]))"
)


def denied_existence(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield what the statement says is not there and its sources that it is, and the other way round."""
    text = statement.text
    pieces = [piece for source in sources for piece in source.pieces]
    for told in (*_ABSENT.finditer(text), *_WITHOUT.finditer(text)):
        noun = _last(told["noun"])
        if noun and any(_has(noun, piece) for piece in pieces) and not any(_lacks(noun, piece) for piece in pieces):
            yield f"「{told[0]}」は、有ることになっている出典と合いません"
    for told in _PRESENT.finditer(text):
        noun = _last(told["noun"])
        if noun and any(_lacks(noun, piece) for piece in pieces) and not any(_has(noun, piece) for piece in pieces):
            yield f"「{told[0]}」は、無いことになっている出典と合いません"


def _last(noun: str) -> str:
    """Return the last two letters of a compound, by which its kind is named: 年齢制限, 所得の制限."""
    return noun[-2:] if subject_words(noun) else ""


def _has(noun: str, piece: Piece) -> bool:
    return bool(re.search(rf"(?<!無){noun}{_SAID}", piece.text)) and not _lacks(noun, piece)


def _lacks(noun: str, piece: Piece) -> bool:
    return bool(re.search(rf"{noun}{_NOT_THERE}|無{noun}", piece.text))
