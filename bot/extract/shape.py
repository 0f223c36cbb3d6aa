"""What kind of thing a run of morphemes looks like, and what kind of thing stands beside it: classes of the grammar."""

import re
from collections.abc import Sequence

from ingest.tokenise import Morpheme

OPENING, CLOSING = "「『（(【〔《〈“[", "」』）)】〕》〉”]"
STOPS = frozenset("。．？！?!")
_TIMES = (
    ("year and month", re.compile(r"年.*月")),
    ("year", re.compile(r"年(?:度|代|頃|ごろ)?$")),
    ("day", re.compile(r"\d月|[日月](?:頃)?$")),
    ("era", re.compile(r"世紀|時代")),
    ("hour", re.compile(r"[時分秒]間?$")),
)
_PLACE = re.compile(r".[県市国州町村島川山区府省都駅港]$")
_LATIN = re.compile(r"[ァ-ヶー・=＝A-Za-z.\-]+")
_OF_ITS_OWN = frozenset({"形容詞", "形状詞", "副詞", "代名詞", "連体詞", "接尾辞"})
_SPEAKING = frozenset({"言う", "呼ぶ", "為る", "成る"})


def shape(morphemes: Sequence[Morpheme]) -> str:
    """Return the class of a phrase that begins with no bracket.

    It says what the phrase names, with の behind it where nouns are joined by that and + for other joints.
    """
    surface = "".join(m.surface for m in morphemes)
    inner = [m for m in morphemes if m.surface not in OPENING and m.surface not in CLOSING]
    joints = {
        m.surface if m.pos[0] == "助詞" else "、" for m in morphemes if m.pos[0] == "助詞" or m.surface in "、，,"
    }
    joint = "" if not joints else "の" if joints == {"の"} else "+"
    return (_figure(inner, surface) if any(m.pos[1] == "数詞" for m in inner) else _name(inner)) + joint


def _figure(morphemes: Sequence[Morpheme], surface: str) -> str:
    """Return the class of a phrase with a numeral."""
    for name, pattern in _TIMES:
        if pattern.search(surface):
            return name
    if morphemes[-1].pos[1] == "数詞":
        return "number"
    if morphemes[0].pos[1] == "数詞":
        return "amount"
    return "ordinal" if surface.startswith("第") else "with number"


def _name(morphemes: Sequence[Morpheme]) -> str:
    """Return the class of a phrase without numerals; its last morpheme decides, a personal name anywhere does."""
    last = morphemes[-1]
    if any(m.pos[2:3] == ("人名",) for m in morphemes):
        return "person"
    if last.pos[2:3] == ("地名",) or _PLACE.search("".join(m.surface for m in morphemes)):
        return "place"
    if last.pos[1] == "固有名詞":
        return "proper name"
    if last.pos[0] in _OF_ITS_OWN:
        return last.pos[0]
    return _common(morphemes)


def _common(morphemes: Sequence[Morpheme]) -> str:
    """Return the class of common nouns: written in foreign letters, naming an act (サ変), or else things."""
    if all(_LATIN.fullmatch(m.surface) for m in morphemes):
        return "foreign word"
    several = "s" if len(morphemes) > 1 else ""
    return ("act" if morphemes[-1].pos[2:3] == ("サ変可能",) else "noun") + several


def core(name: str) -> str:
    """Return a class without its joints."""
    return name.rstrip("の+")


def before(morphemes: Sequence[Morpheme], first: int) -> str:
    """Return the class of what stands before the phrase that begins at `first`."""
    return _beside(morphemes[first - 1]) if first else "end"


def after(morphemes: Sequence[Morpheme], last: int) -> str:
    """Return the class of what stands behind the phrase that ends at `last`: particles as they are (には, という)."""
    behind = morphemes[last + 1 : last + 3]
    if not behind:
        return "end"
    name = _beside(behind[0])
    if behind[0].pos[0] != "助詞" or len(behind) == 1:
        return name
    if behind[1].pos[0] == "助詞":
        return name + behind[1].surface
    if name == "と" and behind[1].pos[0] == "動詞":
        return name + (behind[1].normal if behind[1].normal in _SPEAKING else "動詞")
    return name


def _beside(morpheme: Morpheme) -> str:
    surface, pos = morpheme.surface, morpheme.pos
    if surface in OPENING:
        return "opening"
    if surface in CLOSING:
        return "closing"
    if "\n" in surface or surface in STOPS:
        return "end"
    if pos[0] in {"助詞", "助動詞", "補助記号"}:
        return surface
    return "数詞" if pos[1] == "数詞" else pos[0]
