"""Reads when an amendment takes effect: promulgation, 施行期日, exceptions, 適用 and transitional provisions."""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from ingest.japanese import dates
from ingest.provisions.addresses import COUNT, Address, read_addresses, read_number
from ingest.provisions.document_lines import DocumentLine
from ingest.provisions.operations import Action, AmendmentOperation

_NUMBERED = re.compile(rf"(?:条例|規則|告示|訓令|要綱|規程|公告)第\s?({COUNT})\s?号")
_TAKES_EFFECT = re.compile(r"(?:から|より)(?:施行|適用|実施)|に施行|から効力")
_PROMULGATION_DAY = r"(?:公布|告示|公表|公示|発布|決裁|制定|訓令)の(?:日|あった日)"
_PERIOD = rf"から起算して(?P<count>{COUNT})(?P<unit>日|[かカヵケヶ箇]?月|年)を経過した日"
_AFTER_PROMULGATION = re.compile(rf"{_PROMULGATION_DAY}(?P<next>の翌日)?(?:{_PERIOD})?$")
_DEFAULT = re.compile(r"(?:^|は、?)(?P<when>[^。]*?(?:日|とき))から(?:施行|実施|適用)(?:し|する)")
_ALSO_APPLIED = re.compile(r"施行し、(?P<when>[^。]*?日)から適用する")
# 2 この規則による改正後の第6条の規定は、令和8年4月1日から適用する。
_APPLIED = re.compile(r"(?:この[^、]*?による)?改正後の(?P<what>.+?)(?:の規定)?は、(?P<when>[^、。]*?日)から適用する。?")
# ただし、第3条の改正規定は、令和8年10月1日から施行する.
_EXCEPTION = re.compile(r"(?P<what>.+?)(?:の規定)?は、?(?P<when>.*(?:日|とき))から(?:施行|適用|実施|$)")
_BETWEEN_EXCEPTIONS = re.compile(r"(?<=日から)、(?=第|別表|附則|題名|様式)|(?<=施行し、)|。")
_SETS_OTHER_DAY = re.compile(r"から(?:施行|適用|実施)|当該各号")
_OF_PART = re.compile("限る|除く|の次に")
_TRANSITION = re.compile(r"なお従前の例|経過措置|の施行の(?:日|際)|については、なお|から適用し|以後の|以後に")
_PARAGRAPH_NUMBER = re.compile(rf"^(?:\d{{1,2}}[\s.．]+|第{COUNT}条(?:\([^()]*\))?\s*)")
_UNKNOWN = "施行の日が文書から分かりません"
_UNKNOWN_PROMULGATION = "公布の日が文書から分かりません"
_UNREAD_EXCEPTION = "ただし書の施行の日がどの規定のものか読み取れません"
_LEFT_TO_A_RULE = "施行の日は、規則などで別に定めるため分かりません"
# Characters; a longer line at the start of a document is a sentence and states no promulgation.
_MAX_PROMULGATION_LENGTH = 60


@dataclass(frozen=True, slots=True)
class DayOfEffect:
    """The first day on which something is in effect, or why it is unknown; 適用 sets it back before that of 施行."""

    day: date | None
    reason: str = ""
    is_retroactive: bool = False


class _Exception(NamedTuple):
    """Another day for the sentences that amend a place."""

    place: Address
    effect: DayOfEffect

    def covers(self, operation: AmendmentOperation, article: str) -> bool:
        steps = self.place.steps
        outer = read_addresses(article, Address())[0][0].steps if article else ()
        if steps[: len(outer)] != outer or (self.place.part and self.place.part != operation.place.part):
            return False
        changed = [operation.place, *(moved for moved, _ in operation.moves)]
        if operation.action is Action.INSERT and operation.position != "end":
            changed = [Address((*operation.place.steps[:-1], new.step)) for new in operation.provisions]
        within = Address(steps[len(outer) :])
        return not within.steps or any(item.starts_with(within) for item in changed)


@dataclass(frozen=True, slots=True)
class Effect:
    """When the sentences of an amending document take effect, and the lines of its transitional provisions.

    Attributes:
        number: that under which it was promulgated, 0 if it is not stated.
        default: the day of all sentences without an exception; the first exception that covers one counts.
    """

    promulgated: date | None
    number: int
    default: DayOfEffect
    exceptions: tuple[_Exception, ...] = ()
    transitional: tuple[DocumentLine, ...] = ()

    def of(self, operation: AmendmentOperation, article: str = "") -> DayOfEffect:
        """Return the day of effect of an operation; `article` is the amending document's article with it."""
        covering = (exception for exception in self.exceptions if exception.covers(operation, article))
        return next((exception.effect for exception in covering), self.default)


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
    for match in filter(None, map(_APPLIED.fullmatch, stating[1:])):
        applied = _read_day(match["when"], None).day
        if applied and default.day and applied < default.day:
            effect = DayOfEffect(applied, is_retroactive=True)
            places = _read_places(re.sub(r"^[^第別附]*(?=第|別表|附則)", "", match["what"]))
            exceptions[:0] = [_Exception(place, effect) for place in places]
            default = default if places else effect
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
    words = re.sub(r"^(?:この[^、]*?は、?|改正後の[^、]*?は、?)", "", words).strip("、")
    if "定める日" in words or "別に定める" in words:
        return DayOfEffect(None, _LEFT_TO_A_RULE)
    if match := _AFTER_PROMULGATION.search(words):
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
    amount = int(read_number(match["count"])) if match["count"] else 0
    if not amount or match["unit"] == "日":
        return day + timedelta(amount)
    year, month = divmod(day.year * 12 + day.month - 1 + amount * (12 if match["unit"] == "年" else 1), 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, day.day) if day.day <= last else date(year, month + 1, last) + timedelta(1)


def _read_default(text: str, promulgated: date | None) -> DayOfEffect:
    sentence = text.split("。", maxsplit=1)[0]
    match = _DEFAULT.search(sentence)
    effect = _read_day(match["when"], promulgated) if match else DayOfEffect(None, _UNKNOWN)
    also_applied = _ALSO_APPLIED.search(sentence)
    applied = _read_day(also_applied["when"], promulgated).day if also_applied else None
    if applied and effect.day and applied < effect.day:
        return DayOfEffect(applied, is_retroactive=True)
    return effect


def _read_exceptions(proviso: str, promulgated: date | None) -> Iterator[_Exception]:
    """Yield the other days of a proviso, none if one is not understood, or is that of a part of a sentence only."""
    read = list[list[_Exception]]()
    for part in _BETWEEN_EXCEPTIONS.split(re.sub(r"\([^()]*\)", "", proviso)):
        if match := _EXCEPTION.match(part):
            effect = _read_day(match["when"], promulgated)
            read.append([_Exception(place, effect) for place in _read_places(match["what"])])
    if all(read) and not _OF_PART.search(proviso):
        yield from (exception for exceptions in read for exception in exceptions)


def _read_places(text: str) -> list[Address]:
    """Return the places that a text names anywhere; of 第1条中第3条 that within the first."""
    places, position, outer = list[Address](), 0, Address()
    while position < len(text):
        found, end = read_addresses(text[position:], outer if outer.steps else (places or [Address()])[-1])
        is_outer = bool(found) and text.startswith("中", position + end) and len(found) == 1
        places += [replace(item, steps=(*outer.steps, *item.steps)) for item in found if item.steps and not is_outer]
        outer = found[0] if is_outer else Address()
        position += end + is_outer if found else 1
    return places
