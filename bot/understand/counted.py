"""Turns that name something of the talk by its place: a choice offered, the second of a list, another of a series."""

import re
from collections.abc import Sequence

from bot.answer import Status
from bot.check.verify import CITED
from bot.turn import Exchange
from bot.understand.leaning import without_link
from bot.understand.members import by_place, choice, members_of
from bot.understand.question import understand

_AGAIN = re.compile(r"^(?:つまり|要するに|ようするに|もう(?:一|1)度|もっかい)[^。?]{0,12}[?。]?$")
_NUMBER_ALONE = re.compile(r"^(\d{1,2})(?:の(?:方|ほう))?(?:は|って)?[?。]?$")
_OTHER_OF_TWO = re.compile(r"^もう(?:一つ|1つ|ひとつ|片方|一方)(?:の(?:方|ほう))?(?:は|って)?[?。]?$")
# Exchanges among which a list is looked for that 二つ目 counts in.
_LISTS_REMEMBERED = 3


def chosen(text: str, before: Exchange) -> str | None:
    """Return the suggestion that answers a question back, or that is named by its place."""
    if before.status is Status.CLARIFY:
        return choice(text, before.suggestions)
    if before.status in CITED:  # what counts there are the members of its list
        return None
    return by_place(text, before.suggestions) and choice(text, before.suggestions)


def counted(text: str, history: Sequence[Exchange]) -> str | None:
    """Return the question about a member of the last list (二つ目は?), or another of a series (2は? after 視点1)."""
    said = without_link(text)
    if _AGAIN.match(said):
        return history[-1].understood
    if _OTHER_OF_TWO.match(said) and (other := _other_of_two(history[-1].understood)):
        return other
    if (alone := _NUMBER_ALONE.match(said)) and (other := _renumbered(history[-1].understood, alone[1])):
        return other
    for exchange in reversed(history[-_LISTS_REMEMBERED:]):
        if members := members_of(exchange.answer):
            return by_place(said, members, told=history[-1].understood)
    return None


def _other_of_two(question: str) -> str | None:
    """Return the question about the second member of the series of which it names the first, or the other way round."""
    return next((other for number in "12" if (other := _renumbered(question, number))), None)


def _renumbered(question: str, number: str) -> str | None:
    """Return the question with another number behind the member of a series that it names (視点1は? -> 視点2は?)."""
    named = next((t.text for t in understand(question).terms if t.proper and t.text[-1].isdigit()), None)
    if named is None:
        return None
    name = re.escape(re.sub(r"\d+$", "", named))
    renumbered = re.sub(rf"({name}\s?)\d+", rf"\g<1>{number}", question, flags=re.IGNORECASE)
    return renumbered if renumbered != question else None
