"""Another administration than the asker's own: となりの町, よその市, 近隣の自治体."""

from collections.abc import Sequence

from bot.understand.vocabulary import CITY_LEVEL
from ingest.tokenise import Morpheme

_OTHER = frozenset({"隣", "近隣", "余所"})
# Who comes from there may be told of as 町外の方.
_PEOPLE = frozenset({"人", "方", "者", "住民", "市民", "子供", "子"})
_ADMINISTRATIONS = CITY_LEVEL | {"自治体", "市町村"}


def is_elsewhere(ms: Sequence[Morpheme], i: int) -> bool:
    """Whether the `i`-th of the morphemes says that another administration is meant: only what names one answers."""
    if ms[i].normal not in _OTHER:
        return False
    behind = [m.normal for m in ms[i + 1 : i + 6] if m.surface != "の" and m.is_noun]
    joined = [m.surface for m in ms[i + 1 : i + 4] if m.surface != "の"]  # 隣の町内会 is within the town
    if not behind or behind[0] not in _ADMINISTRATIONS or (len(joined) > 1 and joined[1] in {"内", "会"}):
        return False
    return not _PEOPLE.intersection(behind[1:2])
