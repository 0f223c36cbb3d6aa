"""What a question leaves out (スピード感以外は?), and what it denies (出席していない, まだ決まっていない)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.understand.kinds import INTERROGATIVE
from ingest.tokenise import Morpheme

_EXCEPT = re.compile(
    r"(?P<what>[^、。?\s]{1,24}?)(?:以外|いがい|のほか(?!でも)|の他|を(?:除|のぞ)(?:く|いて(?![いる])|いた|けば)|を?抜き)"
    r"(?:に|の|で|は|だと)*"
)
_WITHIN = re.compile(r"^.*(?:のうち|の中の?で?、?|のなかの?で?、?|[はがをに]、?)")
_POINTING = re.compile(r"^(?:それ|これ|あれ|そ[のこ]|上記|以上)")
UNDECIDED = "未定"
"""What is not decided yet."""

# What is said for a thing not done, where documents have a word of their own for it.
_OPPOSITES = {
    **dict.fromkeys(("出席", "出る", "参加"), "欠席"),
    **dict.fromkeys(("決まる", "決める", "決定", "定まる", "定める"), UNDECIDED),
    **dict.fromkeys(("実施", "始まる", "始める", "行う"), "未実施"),
    **dict.fromkeys(("提出", "整備", "完了", "利用"), ""),
}
_DENIALS = frozenset({"ない", "ぬ", "ず", "へん"})
# Morphemes between a verb and what denies it: 決まっ・て・い・ない.
_NEAR = 4
_GOES_WITH = frozenset({"助動詞", "助詞"})
# What must be done is not denied: 提出しなければならない, 払わないといけない.
_MUST = re.compile(
    r"(?:な(?:ければ|けりゃ|きゃ|くては|くちゃ|いと)|んと)(?:なら|なり|なん|いけ|いか|あか|だめ|ダメ|駄目)"
)


@dataclass(frozen=True, slots=True)
class Excepted:
    """What is left out, and where the words stand that say so."""

    what: str
    start: int
    end: int


def excepted_in(text: str) -> Excepted | None:
    """Return what normalised `text` leaves out; None where it leaves out nothing that it names."""
    match = _EXCEPT.search(text)
    if match is None:
        return None
    within = _WITHIN.match(match["what"])
    what = match["what"][within.end() :] if within else match["what"]
    if not what or INTERROGATIVE.search(what) or _POINTING.match(what):
        return None
    return Excepted(what, match.start("what") + len(match["what"]) - len(what), match.end())


def opposite(ms: Sequence[Morpheme], i: int) -> str:
    """Return the word for not doing what the `i`-th of the morphemes does, where it is denied; else an empty string."""
    if ms[i].normal not in _OPPOSITES or not is_denied(ms, i):
        return ""
    return _OPPOSITES[ms[i].normal] or f"未{ms[i].normal}"


def is_denied(ms: Sequence[Morpheme], i: int) -> bool:
    """Whether what the `i`-th of the morphemes does is denied: 払えない, 出席していません, no 払わなければならない."""
    for n, m in enumerate(ms[i + 1 : i + 1 + _NEAR], i + 1):
        if m.normal in _DENIALS and m.pos[0] in {"助動詞", "形容詞"}:
            return not _MUST.match("".join(after.surface for after in ms[n : n + 4]))
        if m.pos[0] not in _GOES_WITH and m.normal not in {"居る", "為る", "有る"}:
            return False
    return False
