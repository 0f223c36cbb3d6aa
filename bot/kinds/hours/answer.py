"""Answers when something is open, and whether it is on a day, with the lines of a document that say so."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

import jpholiday

from bot.kinds.hours.closed_days import ClosedDays, read_closed_days, read_shift
from bot.kinds.hours.compile import HOURS, LINES, WORDS, HoursLine
from bot.rendering.source_line import build_source_line
from bot.state import Draft, Excerpt, Paragraph, Part, ReadTurn, Source, Statement, Status, paragraph, service_message
from bot.state.query import JAPANESE, Query
from ingest.index.artefacts import read_artefact
from ingest.index.index import Index
from ingest.japanese import nfkc
from ingest.japanese.calendar_days import NthWeekday, named_weekdays
from ingest.japanese.lexicon import any_of
from ingest.japanese.notation import WEEKDAYS
from ingest.japanese.partial_dates import times
from ingest.japanese.tokenise import words

_ASKS = re.compile(any_of(WORDS["asks"]))
_ASKS_CLOSED = re.compile(any_of(WORDS["asks_closed"]))
_NAMED_DAYS = re.compile(any_of(WORDS["days"]))
# Words of such questions that name no place.
_NO_PLACE = frozenset(
    words(" ".join((*WORDS["open"], *WORDS["closed"], *WORDS["times"], *WORDS["asks"], "祝日 年末年始 曜日 今度")))
)
# Documents of the best passages that are looked at.
_MAX_PASSAGES = 8
# Lines that an answer shows.
_MAX_LINES = 4
# Characters between lines that one excerpt shows together.
_MAX_GAP = 40
_YEAR = timedelta(366)


@dataclass(frozen=True, slots=True)
class HoursQuestion:
    """What a question wants to know: the `day`, `weekdays`, whether closed days, and the terms that name the place."""

    day: date | None
    weekdays: frozenset[NthWeekday]
    asks_closed: bool
    place: frozenset[str]


@dataclass(frozen=True, slots=True)
class Place:
    """Lines of one subject in a document.

    Attributes:
        outer: lines of what it is a part of, of the roles that it has none of.
    """

    doc_id: str
    subject: tuple[str, ...]
    lines: tuple[HoursLine, ...]
    outer: tuple[HoursLine, ...]

    def is_within(self, other: "Place") -> bool:
        """Whether it is a part of another place."""
        return self.doc_id == other.doc_id and _is_outer(other.subject, self.subject)


def _is_outer(outer: tuple[str, ...], subject: tuple[str, ...]) -> bool:
    return outer != subject and subject[: len(outer)] == outer


def parse_hours_question(query: Query) -> HoursQuestion | None:
    """Return what a question wants to know of opening hours, None for any other question."""
    text = nfkc(query.text)
    if query.language != JAPANESE or not _ASKS.search(text):
        return None
    optional = query.optional_terms | query.values.terms | _NO_PLACE | {*words(" ".join(_day_names(text)))}
    place = frozenset(term.text for term in query.terms if not (term.is_interrogative or term.text.isdecimal()))
    place -= optional
    days = [*query.values.days, *_named_days(text, query.scope.as_of)]
    asks_closed = bool(_ASKS_CLOSED.search(text))
    return HoursQuestion(days[0] if days else None, query.values.weekdays, asks_closed, place) if place else None


def _named_days(text: str, today: date) -> Iterable[date]:
    for match in _NAMED_DAYS.finditer(text):
        month, day = WORDS["days"][match[0]]
        yield min(date(year, month, day) for year in (today.year, today.year + 1) if date(year, month, day) >= today)
    for day, name in jpholiday.between(today, today + _YEAR):
        if name in text:
            yield day
            return


def _day_names(text: str) -> list[str]:
    return [match[0] for match in _NAMED_DAYS.finditer(text)]


class HoursAnswerer:
    """Answers from the lines of the best documents; safe to share between threads."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._has_several_issuers = len({document.issuer for document in index.documents} - {""}) > 1
        self._read = lru_cache(maxsize=256)(self._read_lines)

    def __call__(self, turn: ReadTurn) -> Draft | None:
        """Return when the place of the question is open; None where no document surely tells of that place.

        Whether it is open on a day is only said where every word about closed days was read.
        """
        question = None if turn.absent or turn.unconfirmed or turn.apart else parse_hours_question(turn.query)
        places = self._find_places(turn, question) if question else []
        if question is None or not places:
            return None
        best = places[0]
        rivals = [one for one in places[1:] if not one.is_within(best)]
        verdict, shown, is_decided = _decide(best, question)
        return None if rivals or not shown else self._build_draft(best, verdict, shown, is_sure=is_decided)

    def _find_places(self, turn: ReadTurn, question: HoursQuestion) -> list[Place]:
        passages = [scored.hit.passage for scored in turn.reading.passages[:_MAX_PASSAGES]]
        passages += [hit.passage for hit in turn.hits[:_MAX_PASSAGES]]
        ranks = {passage.id: rank for rank, passage in reversed([*enumerate(passages)])}
        places = list[Place]()
        for doc_id in dict.fromkeys(passage.doc_id for passage in passages):
            lines = self._read(doc_id)
            title = self._index.by_id[doc_id].title
            for subject in dict.fromkeys(line.subject for line in lines):
                own = [line for line in lines if line.subject == subject]
                roles = {line.role for line in own}
                outer = [line for line in lines if line.role not in roles and _is_outer(line.subject, subject)]
                terms = set(words(nfkc("\n".join((title, *subject, *(line.value for line in own))))))
                if question.place <= terms:
                    places.append(Place(doc_id, subject, tuple(own), tuple(outer)))
        worst = len(ranks)

        def order(place: Place) -> tuple[int, int]:
            return len(place.subject), min(ranks.get(line.passage_id, worst) for line in place.lines)

        return sorted(places, key=order)

    def _read_lines(self, doc_id: str) -> list[HoursLine]:
        return LINES.validate_json(read_artefact(self._index.folder, HOURS, doc_id) or b"[]")

    def _build_draft(self, place: Place, verdict: str | None, lines: Sequence[HoursLine], *, is_sure: bool) -> Draft:
        document = self._index.by_id[place.doc_id]
        parts, sources = list[Part](), list[Source]()
        for first, last in _join_lines(lines[:_MAX_LINES]):
            passage = self._index.passages[self._index.passage_row(first.passage_id)]
            text = passage.text[first.start : last.end]
            line = build_source_line(document, passage.path, is_older=False, with_issuer=self._has_several_issuers)
            parts.append(Excerpt(len(sources) + 1, line, text, (0, len(text))))
            sources.append(Source(passage, text))
        if verdict:
            parts.insert(0, Paragraph((Statement(verdict, (1,), "。"),)))
        elif not is_sure:
            parts.insert(0, paragraph(service_message("unsure")))
        status = Status.ANSWERED if is_sure else Status.PARTIAL
        return Draft(tuple(parts), tuple(sources), status, sources[0].passage.section, is_recurring=True)


def _decide(place: Place, question: HoursQuestion) -> tuple[str | None, list[HoursLine], bool]:
    """Return what can be said of the day, the lines to show, best first, and whether they answer."""
    day = question.day
    lines = (*place.lines, *place.outer) if day else place.lines
    closed = [line for line in lines if line.role == "closed"]
    opened = [line for line in lines if line.role == "open"]
    shifts = [line for line in lines if line.role == "shift"]
    if day is None:
        if question.weekdays:
            asked = {weekday for _, weekday in question.weekdays}
            named = [
                line
                for line in lines
                if asked & {weekday for _, weekday in line.weekdays or named_weekdays(line.value)}
            ]
            return None, [*named, *(line for line in (*opened, *closed) if line not in named)], bool(named)
        first, second = (closed, opened) if question.asks_closed else (opened, closed)
        return None, [*first, *second, *shifts], bool(first)
    opened = [line for line in opened if _applies(line, day, opened) is not False]
    closed_days = {line: _closed_days(line, lines) for line in closed}
    reasons = [line for line in closed if closed_days[line].closes(day)]
    exceptions = [line for line in opened if _names_day(line.value, day)]
    is_read = all(days.closes(day) is not None for days in closed_days.values())
    is_read = is_read and all(closed_days[line].is_complete for line in reasons)
    name = f"{day.month}月{day.day}日({WEEKDAYS[day.weekday()]})"
    if exceptions:
        return None, [*exceptions, *reasons], not reasons
    if reasons:
        return f"{name}は休みの日に当たります" if is_read else None, reasons, is_read
    is_open = bool(closed and opened) and is_read and all(_applies(line, day, opened) for line in opened)
    return f"{name}は開いている日です" if is_open else None, [*opened[:2], *closed, *opened[2:]], is_open


def _closed_days(line: HoursLine, lines: Sequence[HoursLine]) -> ClosedDays:
    """Return the closed days of a line; what holds on holidays may be said once for several lines."""
    days = ClosedDays(line.weekdays) if line.weekdays else read_closed_days(line.value)
    for other in lines if days.weekdays and not days.shift else ():
        if other.role == "shift":
            shift = read_shift(other.value)
            days = replace(days, shift=shift or "", is_complete=days.is_complete and shift is not None)
    return days


def _applies(line: HoursLine, day: date, others: Iterable[HoursLine]) -> bool | None:
    """Whether a line about hours is about a day; None if that cannot be read."""
    if jpholiday.is_holiday(day) and any(other.on_holidays for other in others):
        return line.on_holidays
    if line.weekdays:
        return _is_of(line.weekdays, day)
    months = {time.month for time in times(line.value) if time.month and not time.day}
    return None if months and day.month not in months else True


def _is_of(weekdays: frozenset[NthWeekday], day: date) -> bool:
    return bool({(0, day.weekday()), ((day.day + 6) // 7, day.weekday())} & weekdays)


def _names_day(text: str, day: date) -> bool:
    return any((time.month, time.day) == (day.month, day.day) for time in times(text))


def _join_lines(lines: Sequence[HoursLine]) -> list[tuple[HoursLine, HoursLine]]:
    """Return the first and the last line of each excerpt: neighbouring lines of a passage are shown together."""
    joined = list[tuple[HoursLine, HoursLine]]()
    for line in lines:
        if joined and line.passage_id == joined[-1][1].passage_id and -1 < line.start - joined[-1][1].end <= _MAX_GAP:
            joined[-1] = joined[-1][0], line
        elif not any(
            line.passage_id == first.passage_id and first.start <= line.start < last.end for first, last in joined
        ):
            joined.append((line, line))
    return joined
