"""Reads when an amendment takes effect: promulgation, 施行期日, exceptions and transitional provisions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ingest.japanese import dates
from ingest.provisions.addresses import COUNT, Address, read_addresses, read_number
from ingest.provisions.document_lines import DocumentLine
from ingest.provisions.operations import Action, AmendmentOperation

_NUMBERED = re.compile(rf"(?:条例|規則|告示|訓令|要綱|規程|公告)第\s?({COUNT})\s?号")
_TAKES_EFFECT = re.compile(r"(?:から|より)(?:施行|適用|実施)|に施行|から効力")
_FROM_PROMULGATION = re.compile(
    r"(?:公布|告示|公表|公示|発布|決裁|制定|訓令)の(?:日|あった日)(?P<next>の翌日)?"
    rf"(?:から起算して(?P<count>{COUNT})(?P<unit>日|[かカヵケヶ箇]?月|年)を経過した日)?$"
)
# この条例は、公布の日から施行し、令和8年4月1日から適用する。
_DEFAULT = re.compile(r"(?:^|は、?|(?<=し、))(?P<when>[^。]*?(?:日|とき))から(?:施行|実施|適用)(?:し|する)")
# ただし、第3条の改正規定は、令和8年10月1日から施行する.
_EXCEPTION = re.compile(r"(?P<what>.+?)(?:の規定)?は、?(?P<when>.*(?:日|とき))から(?:施行|適用|実施|$)")
_BETWEEN_EXCEPTIONS = re.compile(r"(?<=日から)、(?=第|別表|附則|題名|様式)|(?<=施行し、)|。")
_SETS_OTHER_DAY = re.compile(r"から(?:施行|適用|実施)|当該各号")
# Exceptions for a part of what a sentence amends.
_OF_PART = re.compile("限る|除く|の次に|条中")
_TRANSITION = re.compile(r"なお従前の例|経過措置|の施行の(?:日|際)|については、なお|から適用し|以後の|以後に")
_PARAGRAPH_NUMBER = re.compile(rf"^(?:\d{{1,2}}[\s.．]+|第{COUNT}条(?:\([^()]*\))?\s*)")
_UNKNOWN = "施行の日が文書から分かりません"
_UNKNOWN_PROMULGATION = "公布の日が文書から分かりません"
_UNREAD_EXCEPTION = "ただし書の施行の日がどの規定のものか読み取れません"
_SEPARATELY_APPLIED = "規定ごとに適用の日が違い、読み取れません"
_LEFT_TO_A_RULE = "施行の日は、規則などで別に定めるため分かりません"
# Characters; a longer line at the start of a document is a sentence and states no promulgation.
_MAX_PROMULGATION_LENGTH = 60


@dataclass(frozen=True, slots=True)
class DayOfEffect:
    """The first day on which something is in effect, or why it is unknown."""

    day: date | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """When the sentences of an amending document take effect, and the lines of its transitional provisions.

    Attributes:
        number: that under which it was promulgated, 0 if it is not stated.
        default: the day of all sentences that amend none of the places with another day.
    """

    promulgated: date | None
    number: int
    default: DayOfEffect
    exceptions: tuple[tuple[Address, DayOfEffect], ...] = ()
    transitional: tuple[DocumentLine, ...] = ()

    def of(self, operation: AmendmentOperation, article: str = "") -> DayOfEffect:
        """Return the day of effect of an operation; `article` is the amending document's article with it."""
        changed = [operation.place, *(moved for moved, _ in operation.moves)]
        if article:
            changed = list(read_addresses(article, Address())[0])
        elif operation.action is Action.INSERT and operation.position != "end":
            changed = [Address((*operation.place.steps[:-1], new.step)) for new in operation.provisions]
        effects = (effect for place, effect in self.exceptions if any(item.starts_with(place) for item in changed))
        return next(effects, self.default)


def read_effect(opening: Sequence[DocumentLine], supplement: Sequence[DocumentLine], published: date | None) -> Effect:
    """Return when an amendment takes effect, from the lines at its start and its supplementary provisions.

    `published` is the day of publication by the manifest, used if the text states none.
    """
    promulgated, number = _read_promulgation(opening)
    promulgated = promulgated or published
    texts = [_PARAGRAPH_NUMBER.sub("", line.normal).replace(" ", "") for line in supplement[1:]]
    stating = [text for text in texts if _TAKES_EFFECT.search(text) and "する" in text]
    if not stating:
        return Effect(promulgated, number, DayOfEffect(None, _UNKNOWN), transitional=tuple(supplement[1:]))
    main, _, proviso = stating[0].partition("ただし、")
    default = _read_default(main, promulgated)
    exceptions = list(_read_exceptions(proviso, promulgated))
    if _SETS_OTHER_DAY.search(proviso) and not exceptions:
        default = DayOfEffect(None, _UNREAD_EXCEPTION)
    if any("日から適用する" in text for text in stating[1:]):
        default, exceptions = DayOfEffect(None, _SEPARATELY_APPLIED), []
    transitional = tuple(line for line in supplement[1:] if _TRANSITION.search(line.normal))
    return Effect(promulgated, number, default, tuple(exceptions), transitional)


def _read_promulgation(opening: Sequence[DocumentLine]) -> tuple[date | None, int]:
    promulgated, number = None, 0
    for text in (line.normal for line in opening):
        if text.endswith("。") or len(text) > _MAX_PROMULGATION_LENGTH:
            continue
        if (numbered := _NUMBERED.search(text)) and not number:
            number = int(read_number(numbered[1]))
        if promulgated is None and not re.search(r"から施行|施行$|施行日|適用|制定\)", text):
            promulgated = next(iter(_days(text)), None)
    return promulgated, number


def _days(text: str) -> list[date]:
    return [mention.first for mention in dates(text) if mention.granularity == "day"]


def _read_day(words: str, promulgated: date | None) -> DayOfEffect:
    if "定める日" in words or "別に定める" in words:
        return DayOfEffect(None, _LEFT_TO_A_RULE)
    if match := _FROM_PROMULGATION.search(words):
        if promulgated is None:
            return DayOfEffect(None, _UNKNOWN_PROMULGATION)
        try:
            return DayOfEffect(_count_from(promulgated, match))
        except (ValueError, OverflowError):  # beyond the calendar
            return DayOfEffect(None, _UNKNOWN)
    days = _days(words)
    return DayOfEffect(days[-1]) if days and words.endswith("日") else DayOfEffect(None, _UNKNOWN)


def _count_from(day: date, match: re.Match[str]) -> date:
    day += timedelta(bool(match["next"]))
    amount = int(read_number(match["count"] or "0"))
    if match["unit"] in {None, "日"}:
        return day + timedelta(amount)
    months = day.year * 12 + day.month - 1 + amount * (12 if match["unit"] == "年" else 1)
    first = date(months // 12, months % 12 + 1, 1)
    return min(first + timedelta(day.day - 1), (first + timedelta(31)).replace(day=1))


def _read_default(text: str, promulgated: date | None) -> DayOfEffect:
    """Return the day of a sentence, the earlier one if it sets one of 施行 and one of 適用."""
    matches = _DEFAULT.finditer(text.split("。", maxsplit=1)[0])
    effects = [_read_day(match["when"], promulgated) for match in matches] or [DayOfEffect(None, _UNKNOWN)]
    return min(effects, key=lambda effect: effect.day or date.min)


def _read_exceptions(proviso: str, promulgated: date | None) -> Iterator[tuple[Address, DayOfEffect]]:
    """Yield the other days of a proviso, none if one is not understood, or is that of a part of a sentence only."""
    read = list[list[tuple[Address, DayOfEffect]]]()
    for part in _BETWEEN_EXCEPTIONS.split(re.sub(r"\([^()]*\)", "", proviso)):
        if match := _EXCEPTION.match(part):
            effect = _read_day(match["when"], promulgated)
            read.append([(place, effect) for place in _read_places(match["what"])])
    if all(read) and not _OF_PART.search(proviso):
        yield from (exception for exceptions in read for exception in exceptions)


def _read_places(text: str) -> list[Address]:
    """Return the places that a text names anywhere; none if one of them is a part of a provision."""
    places, position = list[Address](), 0
    while position < len(text):
        found, end = read_addresses(text[position:], (places or [Address()])[-1])
        places += found
        position += end or 1
    return places if all(place.steps and not place.part for place in places) else []
