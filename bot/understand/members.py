"""What stood in a list that was given: 二つ目, 最後の, もう一つ, 上のほう, 2."""

import re
from collections.abc import Sequence

from bot.understand.terms import content_terms
from ingest.normalise import nfkc, number

_MARKS = re.compile(r"\[\d{1,3}\]")
_ITEM = re.compile(r"^\s*・\s*(\S.*)$", re.MULTILINE)
# A、B、Cの3案: what a sentence enumerates and counts.
_ENUMERATED = re.compile(r"((?:[^、。「」:\s]{2,24}、){1,8}[^、。「」:\s]{2,24}?)の[2-9][一-龥つ]")
_KEY = re.compile(r"^([^:：。、]{1,24})[:：]\s*\S")
_NUMERAL = r"\d{1,2}|[一二三四五六七八九十]"
_PLACES = (
    re.compile(rf"^(?P<number>{_NUMERAL})\s?(?:つ|番|個|件|点|案|本)?\s?(?:目|め)(?:の(?:方|ほう|もの|やつ|項目|案))?"),
    re.compile(
        rf"^(?P<number>{_NUMERAL})番?(?:の(?:方|ほう))?(?=です|で$|でお願い|お願い|は[?。]?$|って[?。]?$|を|[?。]?$)"
    ),
    re.compile(
        r"^(?:一番上|いちばん上|最初|はじめ|上|前者)(?:の(?:方|ほう|もの|やつ|項目|案))?(?=[はをで?。]|(?<=者)の|について|$)(?P<first>)"
    ),
    re.compile(
        r"^(?:一番下|いちばん下|最後|下|後者)(?:の(?:方|ほう|もの|やつ|項目|案))?(?=[はをで?。]|(?<=者)の|について|$)(?P<last>)"
    ),
    re.compile(r"^もう(?:一つ|1つ|ひとつ|片方|一方|片っぽ)(?:の(?:方|ほう|もの|やつ))?(?P<other>)"),
)
# Behind the place nothing but that it is to be told.
_TELL = re.compile(
    r"(?:[はをの]|って|について|です|で)?、?(?:もっと|もう少し)?(?:くわし|詳し|教え|おしえ|説明|お願い|何|なに|[?。]|$)"
)
# A member that says something rather than names it is quoted.
_PHRASE = re.compile(r"[をにへ]|[でらる]$|ます|する")
_LONGEST_CHOICE = 20


def members_of(answer: str) -> tuple[str, ...]:
    """Return the members that an answer lists, as items or within a sentence; none where it lists nothing."""
    plain = _MARKS.sub("", answer)
    items = [match[1].strip() for match in _ITEM.finditer(plain)]
    if not items and (found := _ENUMERATED.search(plain)):
        items = re.sub(r"^[^、]{0,20}(?:として|は)、", "", found[1]).split("、")
    return tuple(items)


def by_place(text: str, members: Sequence[str], told: str = "") -> str | None:
    """Return the question about the member that normalised `text` names by its place; None where it names none.

    もう一つ is the one of two that `told`, what was last spoken of, does not name.
    """
    for pattern in _PLACES:
        if (match := pattern.match(text)) and (member := _at(match, members, told)):
            rest = text[match.end() :]
            name = key_of(member)
            called = f"「{name}」" if _PHRASE.search(name) else name
            return f"{called}について教えて" if _TELL.match(rest) else f"{name}{rest}"
    return None


def choice(text: str, choices: Sequence[str]) -> str | None:
    """Return the one of the `choices` that a short answer names by its place or its words; None where none is."""
    place = next((m for pattern in _PLACES if (m := pattern.match(text))), None)
    if place:
        return _at(place, choices, "")
    said = content_terms(text)
    shared = [len(said & content_terms(each)) for each in choices]
    if not said or len(text) > _LONGEST_CHOICE or not shared or shared.count(max(shared)) > 1:
        return None
    return choices[shared.index(max(shared))] if max(shared) * 2 >= len(said) else None


def key_of(member: str) -> str:
    """Return what a member is called: the key of `key: value`, else all of it."""
    match = _KEY.match(nfkc(member))
    return match[1].strip() if match else member.rstrip("。")


def _at(match: re.Match[str], members: Sequence[str], told: str) -> str | None:
    kind = match.groupdict()
    if "other" in kind:
        others = [m for m in members if key_of(m) not in told]
        return others[0] if len(members) == 2 and len(others) == 1 else None  # noqa: PLR2004 -- もう一つ is of two
    if "number" not in kind:
        return (members[0] if "first" in kind else members[-1]) if members else None
    place = int(number(kind["number"]))
    return members[place - 1] if 0 < place <= len(members) else None
