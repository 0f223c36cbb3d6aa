"""Reads when an amendment takes effect: promulgation, 施行期日, exceptions, 適用 and transitional provisions."""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ingest.japanese import dates
from ingest.provisions.addresses import COUNT, Address, read_addresses, read_number
from ingest.provisions.document_lines import DocumentLine
from ingest.provisions.operations import Action, AmendmentOperation, Position

PROMULGATION_NUMBER = re.compile(rf"第\s?({COUNT})\s?号")
"""The number in 令和7年告示第40号."""
_NUMBERED_KIND = re.compile(r"条例|規則|告示|訓令|要綱|規程|公告")
_TAKES_EFFECT = re.compile(r"(?:から施行|より施行|に施行|から適用|から実施|から効力)")
_PROMULGATION_DAY = r"(?:公布|告示|公表|公示|発布|決裁|制定|訓令)の(?:日|あった日)"
_PERIOD = rf"から起算して(?P<count>{COUNT})(?P<unit>日|[かカヵケヶ箇]?月|年)を経過した日"
_AFTER_PROMULGATION = re.compile(rf"{_PROMULGATION_DAY}(?P<next>の翌日)?(?:{_PERIOD})?$")
_DEFAULT = re.compile(r"(?:^|は、?)(?P<when>[^。]*?(?:日|とき))から(?:施行|実施)(?:し|する)")
_ONLY_APPLIED = re.compile(r"(?P<when>[^、。]*?日)から適用する")
_ALSO_APPLIED = re.compile(r"施行し、(?P<when>[^。]*?日)から適用する")
_APPLIED_PROVISIONS = re.compile(
    r"(?:この[^、]*?による)?改正後の(?P<what>.+?)(?:の規定)?は、(?P<when>[^、。]*?日)から適用する。?"
)
# ただし、第3条の改正規定は、令和8年10月1日から施行する.
_EXCEPTION = re.compile(r"(?P<what>.+?)(?:の規定)?は、?(?P<when>.*(?:日|とき))から(?:施行|適用|実施|$)")
_BETWEEN_EXCEPTIONS = re.compile(r"(?<=日から)、(?=第|別表|附則|題名|様式)|(?<=施行し、)")
_SETS_OTHER_DAY = re.compile(r"から(?:施行|適用|実施)|当該各号")
# Not the full stop at the end of brackets: (…に改める部分に限る。).
_SENTENCE_END = re.compile(r"。(?!\))")
_TRANSITION = re.compile(r"なお従前の例|経過措置|の施行の(?:日|際)|については、なお|から適用し|以後の|以後に")
_PARAGRAPH_NUMBER = re.compile(rf"^(?:\d{{1,2}}[\s.．]+|第{COUNT}条(?:\([^()]*\))?\s*)")
_UNKNOWN = "施行の日が文書から分かりません"
_UNKNOWN_PROMULGATION = "公布の日が文書から分かりません"
_UNREAD_EXCEPTION = "ただし書の施行の日がどの規定のものか読み取れません"
_LEFT_TO_A_RULE = "施行の日は、規則などで別に定めるため分かりません"
# Characters; a longer line at the start of a document is a sentence and states no promulgation.
_MAX_PROMULGATION_LENGTH = 60
_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class DayOfEffect:
    """When something takes effect.

    Attributes:
        day: the first day, None if it is unknown.
        reason: why the day is unknown, else "".
        is_retroactive: whether 適用 set the day back before that of 施行.
    """

    day: date | None
    reason: str = ""
    is_retroactive: bool = False


@dataclass(frozen=True, slots=True)
class _AmendingPlace:
    """A place whose amending sentence has another day; of an insertion the place after which it is (第4条の次)."""

    address: Address
    is_insertion: bool


@dataclass(frozen=True, slots=True)
class _EffectException:
    """Another day for some of the amending sentences.

    Attributes:
        places: the places that the sentences amend.
        effect: their day.
    """

    places: tuple[_AmendingPlace, ...]
    effect: DayOfEffect


@dataclass(frozen=True, slots=True)
class Effect:
    """When the sentences of an amending document take effect.

    Attributes:
        promulgated: the day of promulgation, None if it is not stated.
        number: the number under which it was promulgated, 0 if it is not stated.
        default: the day of all sentences without an exception.
        exceptions: other days, the first that covers a sentence counts.
        transitional: the lines of transitional provisions.
    """

    promulgated: date | None
    number: int
    default: DayOfEffect
    exceptions: tuple[_EffectException, ...] = ()
    transitional: tuple[DocumentLine, ...] = ()

    def of(self, operation: AmendmentOperation, article: str = "") -> DayOfEffect:
        """Return the day of effect of an operation; `article` is the amending document's article with it."""
        for exception in self.exceptions:
            if any(_covers(place, operation, article) for place in exception.places):
                return exception.effect
        return self.default


def read_effect(opening: Sequence[DocumentLine], supplement: Sequence[DocumentLine], published: date | None) -> Effect:
    """Return when an amendment takes effect, from the lines at its start and its supplementary provisions.

    `published` is the day of publication by the manifest, used if the text states none.
    """
    promulgated, number = _read_promulgation(opening)
    promulgated = promulgated or published
    texts = (_PARAGRAPH_NUMBER.sub("", line.normal).replace(" ", "") for line in supplement[1:])
    paragraphs = [text for text in texts if not re.fullmatch(r"\([^()]*\)", text)]
    stating = [text for text in paragraphs if _TAKES_EFFECT.search(text) and "する" in text]
    if not stating:
        return Effect(promulgated, number, DayOfEffect(None, _UNKNOWN), transitional=tuple(supplement[1:]))
    main = stating[0]
    default = _read_default(main, promulgated)
    proviso = main.partition("ただし、")[2]
    exceptions = list(_read_exceptions(proviso, promulgated))
    is_read = exceptions and all(exception.places for exception in exceptions)
    if _SETS_OTHER_DAY.search(proviso) and not is_read:
        default = DayOfEffect(None, _UNREAD_EXCEPTION)
    for text in stating[1:]:
        applied = _read_applied_provisions(text, default)
        if applied and applied.places:
            exceptions.insert(0, applied)
        elif applied:
            default = applied.effect
    transitional = tuple(line for line in supplement[1:] if _TRANSITION.search(line.normal))
    return Effect(promulgated, number, default, tuple(exceptions), transitional)


def _covers(place: _AmendingPlace, operation: AmendmentOperation, article: str) -> bool:
    address = place.address
    if article:
        article_steps = read_addresses(article, Address())[0][0].steps
        if address.steps[: len(article_steps)] != article_steps:
            return False
        address = Address(address.steps[len(article_steps) :], address.part)
        if not (address.steps or address.part):
            return True
    if address.part and address.part != operation.place.part:
        return False
    container = Address(address.steps)
    is_insertion = operation.action is Action.INSERT and operation.position is not Position.END
    if is_insertion and place.is_insertion:
        return bool(address.steps) and operation.place.starts_with(container)
    if is_insertion or place.is_insertion:
        outer = operation.place.steps[:-1]
        inserted = (Address((*outer, provision.step)) for provision in operation.provisions)
        return bool(address.steps) and any(item.starts_with(container) for item in inserted)
    changed = (operation.place, *(moved for moved, _ in operation.moves))
    return any(item.starts_with(container) for item in changed if item.steps or item.part)


def _read_promulgation(opening: Sequence[DocumentLine]) -> tuple[date | None, int]:
    promulgated, number = None, 0
    for text in (line.normal for line in opening):
        if text.endswith("。") or len(text) > _MAX_PROMULGATION_LENGTH:
            continue
        numbered = PROMULGATION_NUMBER.search(text)
        if numbered and not number and _NUMBERED_KIND.search(text):
            number = int(read_number(numbered[1]))
        days = _days(text)
        if days and promulgated is None and not re.search(r"から施行|施行$|施行日|適用|制定\)", text):
            promulgated = days[0]
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
    if not match["count"]:
        return day
    amount = int(read_number(match["count"]))
    if match["unit"] == "日":
        return day + timedelta(amount)
    months = amount * (_MONTHS_A_YEAR if match["unit"] == "年" else 1)
    year, month = divmod(day.year * _MONTHS_A_YEAR + day.month - 1 + months, _MONTHS_A_YEAR)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, day.day) if day.day <= last else date(year, month + 1, last) + timedelta(1)


def _read_default(text: str, promulgated: date | None) -> DayOfEffect:
    sentence = text.split("。", maxsplit=1)[0]
    match = _DEFAULT.search(sentence) or _ONLY_APPLIED.search(sentence)
    if match is None:
        return DayOfEffect(None, _UNKNOWN)
    effect = _read_day(match["when"], promulgated)
    also_applied = _ALSO_APPLIED.search(sentence)
    applied = _read_day(also_applied["when"], promulgated).day if also_applied else None
    if applied and effect.day and applied < effect.day:
        return DayOfEffect(applied, is_retroactive=True)
    return effect


def _read_applied_provisions(text: str, default: DayOfEffect) -> _EffectException | None:
    """Return the earlier day that a further paragraph sets: 改正後の第3条の規定は、…から適用する.

    An exception without places holds for all sentences. None for any other paragraph.
    """
    match = _APPLIED_PROVISIONS.fullmatch(text)
    applied = _read_day(match["when"], None).day if match else None
    if match is None or applied is None or default.day is None or applied >= default.day:
        return None
    places = _read_places(re.sub(r"^[^第別附]*(?=第|別表|附則)", "", match["what"]))
    return _EffectException(places, DayOfEffect(applied, is_retroactive=True))


def _read_exceptions(proviso: str, promulgated: date | None) -> Iterator[_EffectException]:
    """Yield the other days of a proviso; unknown ones for places of which it names a part only (…に限る, を除く)."""
    for sentence in _SENTENCE_END.split(proviso):
        for part in _BETWEEN_EXCEPTIONS.split(sentence):
            if match := _EXCEPTION.match(part):
                is_of_part = "限る" in match["what"] or "除く" in match["what"]
                day = DayOfEffect(None, _UNREAD_EXCEPTION) if is_of_part else _read_day(match["when"], promulgated)
                yield _EffectException(_read_places(re.sub(r"\([^()]*\)", "", match["what"])), day)


def _read_places(text: str) -> tuple[_AmendingPlace, ...]:
    places = list[_AmendingPlace]()
    position = 0
    while position < len(text):
        context = places[-1].address if places else Address()
        addresses, end = read_addresses(text[position:], context)
        addresses = tuple(address for address in addresses if address.steps or address.part)
        if not addresses:
            position += 1
            continue
        position += end
        if text.startswith("中", position):
            inner, inner_end = read_addresses(text[position + 1 :], Address())
            if inner:
                addresses = tuple(Address((*addresses[0].steps, *address.steps), address.part) for address in inner)
                position += 1 + inner_end
        insertion = re.match(rf"の次に(?:次の)?{COUNT}?(?:条|項|号)を加え", text[position:])
        position += insertion.end() if insertion else 0
        places += [_AmendingPlace(address, bool(insertion)) for address in addresses]
    return tuple(places)
