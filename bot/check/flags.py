"""What a cell says that only says yes or no (○ and ×, 可 and 不可, 使えます), and whether it is told so of its row."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from bot.check.grounds import Grounds
from bot.check.statements import Statement
from ingest.normalise import nfkc


class Flag(StrEnum):
    """What a cell says."""

    YES = "yes"
    NO = "no"
    NEITHER = "neither"


_REMARK = re.compile(r"\([^()]*\)")
_NO = re.compile(
    r"[×✕✖✗]|[-‐—–―－]|不\S{0,3}|無し?|無い|なし|ない|いいえ|NG|未\S{0,6}|非\S{0,6}|禁止|対象外|\S{0,10}(?:ません|ない|できず|不可)"
)
_YES = re.compile(
    r"[○◯〇◎●✓✔]|可能?|有り?|有る|あり|ある|はい|OK|要|必要|対象|対応|済み?|\S{0,10}(?:ます|[うくすつぬぶむるたい]|可)"
)
_NEITHER = re.compile(r"[△▲]|一部\S{0,6}|要\S{1,8}|条件\S{0,6}")
_CELL = re.compile(r"([^:]{1,20}): ([^:]{1,12})")
_SAID = r"「?([^\s、。「」]{1,12}?)(?=」|です|の(?:もの|は)|とあ)"


def flags_of(values: Sequence[str]) -> Mapping[str, Flag]:
    """Return what each of a column's values says, where all of them say yes, no or neither; else nothing."""
    found = {value: flag for value in values if (flag := flag_of(value))}
    whole = all(value in found for value in values) and {Flag.YES, Flag.NO} <= {*found.values()}
    return found if whole else {}


def flag_of(value: str) -> Flag | None:
    """Return what a cell says, None where it says more or else than yes or no."""
    text = _REMARK.sub("", nfkc(value)).strip()
    pairs = ((_NEITHER, Flag.NEITHER), (_NO, Flag.NO), (_YES, Flag.YES))
    return next((flag for pattern, flag in pairs if pattern.fullmatch(text)), None)


def wrong_flag(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield what a statement says of a column of which all rows that it cites say the contrary (ペットは可です)."""
    cells = [_CELL.fullmatch(piece.text) for source in sources if source.columns for piece in source.pieces]
    told: dict[str, set[Flag]] = {}
    for cell in cells:
        if cell and (flag := flag_of(cell[2])):
            told.setdefault(cell[1], set()).add(flag)
    for column, flags in told.items():
        said = re.search(rf"{re.escape(column)}(?:は|が|には){_SAID}", statement.text)
        if said and {flag_of(said[1]), *flags} == {Flag.YES, Flag.NO} and len(flags) == 1:
            yield f"{column}が「{said[1]}」とは、出典のどの行にもありません"
