"""Reads when an amendment takes effect: promulgation, 施行期日, exceptions, 適用 and transitional provisions."""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ingest.amendments.addresses import Address, read_addresses, read_number
from ingest.amendments.clauses import mask_quotations
from ingest.amendments.document_lines import DocumentLine
from ingest.amendments.operations import Operation
from ingest.japanese import dates
from ingest.japanese.notation import COUNT, KANJI_ONE_TO_TEN

_PROMULGATED = re.compile(r"公布|告示|公表|制定|決裁|訓令|規則第|条例第|要綱第|施行")
PROMULGATION_NUMBER = re.compile(rf"第\s?({COUNT})\s?号")
_FROM = r"(?:から施行|より施行|に施行|から適用|から実施|から効力)"
_PROMULGATION_DAY = r"(?:公布|告示|公表|公示|発布|決裁|制定|訓令)の(?:日|あった日)"
_EFFECT = re.compile(rf"(?P<when>[^、。]*?(?:日|とき)){_FROM}")
_RELATIVE = re.compile(
    rf"{_PROMULGATION_DAY}(?P<next>の翌日)?(?:から起算して(?P<count>{COUNT})(?P<unit>日|[かカヵケヶ箇]?月|年)を経過した日)?$"
)
_RETROACTIVE = re.compile(r"(?:^|、|。|は、)(?P<when>[^、。]*?日)から適用する")
_EXCEPTED = re.compile(r"(?P<what>.+?)(?:の規定)?は、?(?P<when>[^。]*?(?:日|とき))から(?:施行|適用)する?")
_LISTED = re.compile(rf"(?:\(\d+\)|[{KANJI_ONE_TO_TEN}]、?)(?P<what>.+)")
_TRANSITION = re.compile(r"なお従前の例|経過措置|の施行の(?:日|際)|については、なお|から適用し|以後の|以後に")
_UNKNOWN = "施行の日が文書から分かりません"
_UNREAD_EXCEPTION = "ただし書の施行の日がどの規定のものか読み取れません"
UNKNOWN_BY_RULE = "施行の日は、規則などで別に定めるため分かりません"


@dataclass(frozen=True, slots=True)
class DayOfEffect:
    """The first day of effect, None with the reason where it is unknown; `is_retroactive` where 適用 set it back."""

    day: date | None
    reason: str = ""
    is_retroactive: bool = False


@dataclass(frozen=True, slots=True)
class _Exception:
    """Another day for some of the amending sentences: those on `places`.

    A place with True stands for what is inserted after it: 第4条の次に1条を加える改正規定.
    """

    places: tuple[tuple[Address, bool], ...]
    effect: DayOfEffect
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """When the sentences of an amending document take effect.

    Attributes:
        promulgated: the day of promulgation, None if it is not stated.
        number: the number under which it was promulgated, 0 if it is not stated.
        default: the day of all sentences without an exception.
        transitional: the lines of transitional provisions.
    """

    promulgated: date | None
    number: int
    default: DayOfEffect
    exceptions: tuple[_Exception, ...] = ()
    transitional: tuple[DocumentLine, ...] = ()

    def of(self, operation: Operation, article: str = "") -> DayOfEffect:
        """Return when an operation takes effect; `article` is that of the amending document that contains it."""
        for exception in self.exceptions:
            if any(_covers(place, operation, article, inserts=inserts) for place, inserts in exception.places):
                if exception.words and not ({operation.old, operation.new} & set(exception.words)):
                    continue
                return exception.effect
        return self.default


def _covers(place: Address, operation: Operation, article: str, *, inserts: bool) -> bool:
    """Whether an operation is one of those on a place."""
    if article:
        own = read_addresses(article, Address())[0][0].steps
        if place.steps[: len(own)] != own:
            return False
        place = Address(place.steps[len(own) :], place.part)
        if not (place.steps or place.part):
            return True
    if place.part and place.part != operation.place.part:
        return False
    is_insertion = operation.action == "insert" and operation.position != "end"
    if inserts or is_insertion:
        outer = operation.place.steps[:-1]
        new = [Address((*outer, one.step)) for one in operation.provisions]
        within = [operation.place] if inserts and is_insertion else new
        return bool(place.steps) and any(one.starts_with(Address(place.steps)) for one in within)
    moved = [address for address, _ in operation.moves]
    changed = [one for one in (operation.place, *moved) if one.steps or one.part]
    return any(one.starts_with(Address(place.steps)) for one in changed)


def read_effect(opening: Sequence[DocumentLine], supplement: Sequence[DocumentLine], published: date | None) -> Effect:
    """Return when an amendment takes effect, from the lines at its start and its supplementary provisions.

    `published` is the day of publication by the manifest, used where the text states none.
    """
    promulgated, number = _read_promulgation(opening)
    promulgated = promulgated or published
    paragraphs = _paragraphs(supplement)
    stated = [text for text in paragraphs if re.search(_FROM, text) and "する" in text]
    if not stated:
        default = _stated_in_opening(opening) or DayOfEffect(None, _UNKNOWN)
        return Effect(promulgated, number, default, (), tuple(supplement[1:]))
    main = stated[0]
    default = _read_default(main, promulgated)
    exceptions = list(_read_exceptions(main, paragraphs, promulgated))
    if _has_unread_exception(main, paragraphs, exceptions):
        default = DayOfEffect(None, _UNREAD_EXCEPTION)
    for text in stated[1:]:
        default, more = _apply_later(text, default)
        exceptions = [*more, *exceptions]
    transitional = tuple(line for line in supplement[1:] if _TRANSITION.search(line.normal))
    return Effect(promulgated, number, default, tuple(exceptions), transitional)


def _paragraphs(supplement: Sequence[DocumentLine]) -> list[str]:
    """Return the texts of the supplementary provisions without their numbers and captions."""
    texts = []
    for line in supplement[1:]:
        text = re.sub(rf"^(?:\d{{1,2}}[\s.．]+|第{COUNT}条(?:\([^()]*\))?\s*)", "", line.normal).replace(" ", "")
        if not re.fullmatch(r"\([^()]*\)", text):
            texts.append(text)
    return texts


def _read_promulgation(opening: Sequence[DocumentLine]) -> tuple[date | None, int]:
    """Return the day and the number of promulgation: 令和8年3月20日公布, 令和7年3月25日告示第40号."""
    day, number = None, 0
    for line in opening:
        text = line.normal
        if text.endswith("。") or len(text) > 60:  # noqa: PLR2004 -- longer lines are sentences
            continue
        found = [mention for mention in dates(text) if mention.granularity == "day"]
        numbered = PROMULGATION_NUMBER.search(text)
        if numbered and re.search(r"条例|規則|告示|訓令|要綱|規程|公告", text):
            number = number or int(read_number(numbered[1]))
        if found and day is None and not re.search(r"から施行|施行$|施行日|適用|制定\)", text):
            day = found[0].first
    return day, number


def _stated_in_opening(opening: Sequence[DocumentLine]) -> DayOfEffect | None:
    """Return the day of effect that the lines at the start state: 施行日 令和8年4月1日."""
    for line in opening:
        text = line.normal
        found = [mention for mention in dates(text) if mention.granularity == "day"]
        if found and re.search(r"施行", text):
            return DayOfEffect(found[-1].first)
    return None


def _read_when(when: str, promulgated: date | None) -> DayOfEffect:
    """Return the day that the words before から施行する name."""
    when = re.sub(r"^(?:この[^、]*?は、?|改正後の[^、]*?は、?)", "", when).strip("、")
    found = [mention for mention in dates(when) if mention.granularity == "day"]
    if "定める日" in when or "別に定める" in when:
        return DayOfEffect(None, UNKNOWN_BY_RULE)
    if match := _RELATIVE.search(when):
        if promulgated is None:
            return DayOfEffect(None, "公布の日が文書から分かりません")
        try:
            return DayOfEffect(_count_from(promulgated, match))
        except (ValueError, OverflowError):  # beyond the calendar
            return DayOfEffect(None, _UNKNOWN)
    if found and when.endswith("日"):
        return DayOfEffect(found[-1].first)
    return DayOfEffect(None, _UNKNOWN)


def _count_from(day: date, match: re.Match[str]) -> date:
    """Return the day after so many days, months or years counted from `day` on, which counts (起算)."""
    day += timedelta(bool(match["next"]))
    if not match["count"]:
        return day
    amount = int(read_number(match["count"]))
    if match["unit"] == "日":
        return day + timedelta(amount)
    months = amount * (12 if match["unit"] == "年" else 1)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, day.day) if day.day <= last else date(year, month + 1, last) + timedelta(1)


def _read_default(text: str, promulgated: date | None) -> DayOfEffect:
    sentence = text.split("。", maxsplit=1)[0]
    match = re.search(r"(?:^|は、?)(?P<when>[^。]*?(?:日|とき))から(?:施行|実施)(?:し|する)", sentence)
    effect = _read_when(match["when"], promulgated) if match else DayOfEffect(None, _UNKNOWN)
    if match is None and (applied := re.search(r"(?P<when>[^、。]*?日)から適用する", sentence)):
        return _read_when(applied["when"], promulgated)
    later = re.search(r"施行し、(?P<when>[^。]*?日)から適用する", sentence)
    if later and effect.day is not None:
        applied_day = _read_when(later["when"], promulgated)
        if applied_day.day is not None and applied_day.day < effect.day:
            return DayOfEffect(applied_day.day, "", is_retroactive=True)
    return effect


def _apply_later(text: str, default: DayOfEffect) -> tuple[DayOfEffect, list[_Exception]]:
    """Return the day of effect where a further paragraph sets it back: 改正後の第3条の規定は、…から適用する."""
    match = re.fullmatch(
        r"(?:この[^、]*?による)?改正後の(?P<what>.+?)(?:の規定)?は、(?P<when>[^、。]*?日)から適用する。?", text
    )
    if match is None or default.day is None:
        return default, []
    applied = _read_when(match["when"], None)
    if applied.day is None or applied.day >= default.day:
        return default, []
    effect = DayOfEffect(applied.day, "", is_retroactive=True)
    places = _named_places(re.sub(r"^[^第別附]*(?=第|別表|附則)", "", match["what"]))
    return (default, [_Exception(places, effect)]) if places else (effect, [])


def _read_exceptions(main: str, paragraphs: Sequence[str], promulgated: date | None) -> Iterator[_Exception]:
    """Yield the exceptions of ただし、…の改正規定は、…から施行する, also as a list of 各号."""
    proviso = main.partition("ただし、")[2]
    if not proviso:
        return
    if "各号" in proviso:
        for text in paragraphs[1:]:
            item = _LISTED.match(text)
            found = item and _item_day(item["what"], promulgated)
            if item and found:
                yield _exception(found[0], found[1])
        return
    for sentence in proviso.split("。"):
        for part in re.split(r"(?<=日から)、(?=第|別表|附則|題名|様式)|(?<=施行し、)", sentence):
            match = re.match(r"(?P<what>.+?)(?:の規定)?は、?(?P<when>.*(?:日|とき))から(?:施行|適用|実施|$)", part)
            if match:
                yield _exception(match["what"], _read_when(match["when"], promulgated))
            elif "から" in part and "から施行" not in part.partition("から")[0]:
                match = re.match(r"(?P<what>.+?)については?、?(?P<when>.*?日)から", part)
                if match:
                    yield _exception(match["what"], _read_when(match["when"], promulgated))


def _has_unread_exception(main: str, paragraphs: Sequence[str], exceptions: Sequence[_Exception]) -> bool:
    """Whether a proviso sets other days for provisions that are not known; then no day is certain."""
    proviso = main.partition("ただし、")[2]
    if not re.search(r"から(?:施行|適用|実施)|当該各号", proviso):
        return False
    items = sum(bool(_LISTED.match(text)) for text in paragraphs[1:]) if "各号" in proviso else 1
    return len(exceptions) < max(items, 1) or not all(one.places for one in exceptions)


def _item_day(text: str, promulgated: date | None) -> tuple[str, DayOfEffect] | None:
    for match in re.finditer(r"公布|告示|令和|平成|規則で定める|市長が", text):
        effect = _read_when(text[match.start() :].rstrip("。"), promulgated)
        if effect.day is not None or effect.reason == UNKNOWN_BY_RULE:
            return text[: match.start()], effect
    return None


def _exception(what: str, effect: DayOfEffect) -> _Exception:
    masked, quoted = mask_quotations(what)
    limited = re.search(r"\((?P<words>[^()]*)(?:部分に限る|に限る)。?\)", masked)
    words = tuple(quoted) if limited else ()
    places = _named_places(re.sub(r"\([^()]*に限る。?\)", "", masked))
    if "除く" in what:  # what is left then is not known
        effect = DayOfEffect(None, _UNKNOWN)
    return _Exception(places, effect, words)


def _named_places(text: str) -> tuple[tuple[Address, bool], ...]:
    """Return all places that a text names: 第3条及び別表第1の改正規定並びに第5条の次に1条を加える改正規定."""
    named: list[tuple[Address, bool]] = []
    places: list[Address] = []
    position = 0
    while position < len(text):
        found, end = read_addresses(text[position:], places[-1] if places else Address())
        found = tuple(one for one in found if one.steps or one.part)
        if not found:
            position += 1
            continue
        position += end
        inner = re.match(r"中", text[position:])
        if inner and read_addresses(text[position + 1 :], Address())[0]:
            nested, nested_end = read_addresses(text[position + 1 :], Address())
            found = tuple(Address((*found[0].steps, *one.steps), one.part) for one in nested)
            position += 1 + nested_end
        after = re.match(rf"の次に(?:次の)?{COUNT}?(?:条|項|号)を加え", text[position:])
        position += after.end() if after else 0
        places += found
        named += [(one, bool(after)) for one in found]
    return tuple(named)
