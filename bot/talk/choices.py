"""Things named by their place or by their own words: a choice that was offered, a member of a list or of a series."""

import re
from collections.abc import Sequence

from bot.talk.phrases import Role, names, phrases
from ingest.normalise import dates, number
from ingest.tokenise import morphemes, words

_THE = r"(?:の?(?:方|ほう|もの|やつ|項目))?(?=[はをがのでもに、。?]|って|です|$)"
_NUMERAL = r"\d{1,2}|[一二三四五六七八九十]"
_PLACES = tuple(
    (re.compile(pattern + _THE), place)
    for pattern, place in (
        (rf"第?\s?(?P<number>{_NUMERAL})\s?(?:つ|番|個|件|点|項)?\s?(?:目|め)", None),
        (rf"(?P<number>{_NUMERAL})番?", None),
        (r"(?:最初|(?:一番)?上|前者)", 0),
        (r"(?:最後|(?:一番)?下|後者)", -1),
    )
)
_OTHER = re.compile(r"もう(?:一つ|1つ|ひとつ|片方|一方)" + _THE)
_ITEM = re.compile(r"^\s*(?:[・\-*]|\d{1,2}[.)])\s*(\S.*)$", re.MULTILINE)
_KEY = re.compile(r"([^::。、]{1,24})[::]\s*\S")
_MARKS = re.compile(r"\[\d{1,3}\]")
_DIGITS = re.compile(r"\d+")


def chosen(text: str, choices: Sequence[str]) -> str | None:
    """Return the one of the `choices` that `text` names by its place or its words; None where it names none of them.

    By words it is the one that has most of them, and at least half; none where two are alike.
    """
    if found := _by_place(text, choices):
        return found[0]
    said = set(words(text))
    shared = [len(said & set(words(choice))) for choice in choices]
    best = max(shared, default=0)
    return choices[shared.index(best)] if best and best * 2 >= len(said) and shared.count(best) == 1 else None


def member(text: str, question: str, topic: str, answer: str) -> str | None:
    """Return the question about what `text` names by its place; None where it names nothing so.

    It counts in the two sides of the last `topic` (AとB), in what the `answer` lists, or in the series (方針1) that the
    last `question` names.
    """
    if re.fullmatch(r"\d{1,2}(?:は|って)?[。?]*", text) and (other := renumbered(question, text)):
        return other
    if found := _by_place(text, _sides(topic) or _listed(answer)):
        return _asked_of(*found)
    return next(filter(None, (renumbered(question, n) for n in "12")), None) if _OTHER.match(text) else None


def in_series(other: str, question: str) -> str | None:
    """Return the question with `other` in the place of the name in it from which it differs by its number alone."""
    if not _DIGITS.search(other) or dates(other):
        return None
    series = re.escape(_DIGITS.sub("#", other)).replace(r"\#", r"\d+")
    return re.sub(series, other, question, count=1) if re.search(series, question) else None


def renumbered(question: str, number_said: str) -> str | None:
    """Return the question with another number behind the member of a series that it names; None where it names none."""
    said = _DIGITS.search(number_said)
    named = next((p for p in phrases(question) if p.role is Role.NAME and re.search(r"\D\d+$", p.text)), None)
    other = _DIGITS.sub(said[0], named.text) if said and named else ""
    return (
        f"{question[: named.start]}{other}{question[named.end :]}" if named and other not in {"", named.text} else None
    )


def _by_place(text: str, members: Sequence[str]) -> tuple[str, str] | None:
    """Return the member that `text` begins by naming by its place, and the rest of the text."""
    for pattern, place in _PLACES:
        if match := pattern.match(text):
            at = int(number(match["number"])) - 1 if place is None else place
            return (members[at], text[match.end() :]) if members and at < len(members) else None
    return None


def _asked_of(named: str, rest: str) -> str:
    """Return a question of a member: for more of it, or for what the rest of the text asks (…の費用は?)."""
    if re.match(r"[のでにが]\S{2}", rest):
        return f"{named}{rest}"
    rest = re.sub(r"^(?:は|を|って|について)?、?", "", rest).strip("。?")
    return f"「{named}」について、{rest or '教えてください'}"


def _listed(answer: str) -> tuple[str, ...]:
    """Return what an answer lists line by line, each by its name; none where it lists nothing."""
    found = [match[1].strip() for match in _ITEM.finditer(_MARKS.sub("", answer))]
    return tuple(key[1].strip() if (key := _KEY.match(item)) else item.rstrip("。") for item in found)


def _sides(topic: str) -> tuple[str, ...]:
    """Return the two things that a topic sets side by side (AとB), or none."""
    links = {m.surface for m in morphemes(topic) if not m.is_noun}
    sides = tuple(topic.split("と"))
    return sides if links <= {"と", "の"} and len(sides) == len("AB") and all(map(names, sides)) else ()
