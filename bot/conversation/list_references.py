"""Resolves references to list items and offered choices by position or wording."""

import re
from collections.abc import Sequence

from ingest.japanese import parse_number
from ingest.japanese.markers import BULLETS, CIRCLED
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.japanese.tokenise import words

_THE = r"(?:の?(?:方|ほう|もの|やつ|項目))?(?=[はをがのでもに、。?]|って|です|$)"
_NUMERAL = rf"\d{{1,2}}|[{KANJI_ONE_TO_TEN}]"
_PLACES = tuple(
    (re.compile(pattern + _THE), place)
    for pattern, place in (
        (rf"第?\s?(?P<number>{_NUMERAL})\s?(?:つ|番|個|件|点|項)?\s?(?:目|め)", None),
        (rf"(?P<number>{_NUMERAL})番?", None),
        (r"(?:最初|(?:一番)?上|前者)", 0),
        (r"(?:最後|(?:一番)?下|後者)", -1),
    )
)
# An item as documents write it, and names side by side: 「水」「緑」及び「道」.
_ITEM = re.compile(
    rf"^\s*(?:(?P<mark>[{BULLETS}*\-])|[{CIRCLED}]|[(（]?\d{{1,2}}[.)）．])\s*(?P<item>\S.*)$", re.MULTILINE
)
_SIDE_BY_SIDE = re.compile(r"「[^「」]+」(?:(?:[、・,]|及び|および|並びに|と|や)*\s?「[^「」]+」)+")
_KEY = re.compile(r"([^::。、]{1,24})[::]\s*\S")


def find_choice(text: str, choices: Sequence[str]) -> str | None:
    """Return the one of the `choices` that `text` names by its place or its words; None where it names none of them.

    By words it is the one that has most of them, and at least half; none where two are alike.
    """
    if found := _by_place(text, choices):
        return found[0]
    said = set(words(text))
    shared = [len(said & set(words(choice))) for choice in choices]
    best = max(shared, default=0)
    return choices[shared.index(best)] if best and best * 2 >= len(said) and shared.count(best) == 1 else None


def question_about_item(text: str, places: Sequence[str]) -> str | None:
    """Return the question about the item that `text` names by its place in a list of one of `places`; else None."""
    outer, every = _listed_items(places)
    found = _by_place(text, outer) or _by_place(text, every)
    if not found:
        return None
    named, rest = found
    if re.match(r"[のでにが]\S{2}", rest):
        return f"{named}{rest}"
    rest = re.sub(r"^(?:は|を|って|について)?、?", "", rest).strip("。?")
    return f"「{named}」について、{rest or '教えてください'}"


def _by_place(text: str, members: Sequence[str]) -> tuple[str, str] | None:
    """Return the member that `text` begins by naming by its place, and the rest of the text."""
    for pattern, place in _PLACES:
        if match := pattern.match(text):
            at = int(parse_number(match["number"])) - 1 if place is None else place
            return (members[at], text[match.end() :]) if members and at < len(members) else None
    return None


def _listed_items(places: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Return what an answer lists first, each by its name: without lists within it, and with them; else nothing.

    Of a place these are the items that are written like its first ones, else what it names side by side.
    """
    for place in places:
        items = [(match["mark"] or "1", match["item"].strip()) for match in _ITEM.finditer(place)]
        marks = [mark for mark, _ in items]
        if outer := next((mark for mark in marks if marks.count(mark) > 1), ""):
            named = [key[1].strip() if (key := _KEY.match(item)) else item.rstrip("。") for _, item in items]
            return [name for name, mark in zip(named, marks, strict=True) if mark == outer], named
        if beside := _SIDE_BY_SIDE.search(place):
            return re.findall(r"「([^「」]+)」", beside[0]), ()
    return (), ()
