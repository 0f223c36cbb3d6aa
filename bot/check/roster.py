"""Who holds which office, as a list of those present says it: 会長 山田 花子, 山田花子(会長), 事務局(山田課長)."""

import re
from collections.abc import Iterator, Sequence

from bot.check.grounds import Grounds
from bot.check.names import squash
from bot.check.statements import Statement

_OFFICE = r"[一-龥々ァ-ヶー]{0,12}?(?:長|主査|主任|主事|参事)"
_NAME = r"[一-龥々][一-龥々ノヶケぁ-ん]{0,4}(?:[ ][一-龥々ぁ-んァ-ヶー]{1,4})?"
_ENTRY = re.compile(
    rf"(?<![一-龥])(?P<office>{_OFFICE})[ ]+(?P<name>{_NAME})(?=[\s、,(。・\d]|$)"
    rf"|(?P<name2>[一-龥々ノヶ]{{2,6}}(?:[ ][一-龥々ぁ-んァ-ヶー]{{1,4}})?)[ ]?\((?P<office2>{_OFFICE})[)・、]"
    rf"|\((?P<name3>[一-龥々ノヶ]{{2,4}}?)(?P<office3>課長補佐|[副]?(?:課|部|係|室|局|所|館|園)長)\)"
)
_HOLDS = re.compile(
    r"(?P<office>[一-龥々ァ-ヶー]{0,14}長)(?:は|の|を務める|である)、?(?P<who>[^。「」]{2,40}?)(?:です|でした|である|が務め|氏|さん|$)"
    r"|(?P<who2>[^。、「」]{2,20})(?:は|が)、?(?P<office2>[一-龥々ァ-ヶー]{0,14}長)(?:です|でした|である|を務め|に就)"
)


def wrong_holder(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield the offices that a statement gives to another of those whom its sources list."""
    held = [entry for source in sources for entry in _entries(source.text)]
    people = {name for _, name in held}
    for told in _HOLDS.finditer(statement.text):
        office, who = told["office"] or told["office2"], squash(told["who"] or told["who2"])
        holders = {name for other, name in held if _same_office(office, other)}
        named = {name for name in people if _family(name) in who}
        if holders and named and not holders & named:
            yield f"「{office}」は出典では「{'、'.join(sorted(holders))}」です"


def _entries(text: str) -> Iterator[tuple[str, str]]:
    for entry in _ENTRY.finditer(text):
        office = entry["office"] or entry["office2"] or entry["office3"]
        yield office, entry["name"] or entry["name2"] or entry["name3"]


def _same_office(told: str, listed: str) -> bool:
    """Whether one is the other, or the other with its body before it (会長, 審議会会長), and no deputy of it."""
    longer, shorter = sorted((told, listed), key=len, reverse=True)
    return longer.endswith(shorter) and not longer.removesuffix(shorter).endswith("副")


def _family(name: str) -> str:
    return name.split(" ", 1)[0]
