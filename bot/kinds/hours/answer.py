"""Answers when something is open, and whether it is on a day, with the lines of a document that say so."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain

import jpholiday

from bot.kinds.hours.closed_days import ClosedDays, read_closed_days, read_shift
from bot.kinds.hours.compile import (
    CLOSED,
    HOURS,
    LABEL_OF_HOURS,
    LINES,
    OPEN,
    STATED_DAYS,
    STATED_HOURS,
    WORDS,
    HoursLine,
)
from bot.rendering.source_line import build_source_line
from bot.state import (
    Draft,
    Excerpt,
    Paragraph,
    Part,
    ReadTurn,
    Source,
    Statement,
    Status,
    Turn,
    paragraph,
    service_message,
)
from bot.state.query import JAPANESE, AnswerType, Query
from ingest.index.artefacts import read_artefact
from ingest.index.index import Index
from ingest.japanese import nfkc
from ingest.japanese.lexicon import any_of
from ingest.japanese.mentions.days import NthWeekday, is_weekday_of, is_within, named_weekdays
from ingest.japanese.mentions.times import times
from ingest.japanese.notation import WEEKDAYS
from ingest.japanese.tokenise import words

_ASKS = re.compile(any_of(WORDS["asks"]))
_ASKS_OF_DAY = re.compile(any_of(WORDS["asks_of_day"]))
_ASKS_CLOSED = re.compile(any_of(WORDS["asks_closed"]))
_NAMED_DAYS = re.compile(any_of(WORDS["days"]))
# Words of such questions that name no place.
_NO_PLACE = frozenset(
    words(
        " ".join(
            chain.from_iterable(WORDS[key] for key in ("open", "closed", "times", "asks", "asks_of_day", "no_place"))
        )
    )
)
# Documents of the best passages that are looked at.
_MAX_PASSAGES = 8
# Where nothing is decided by the calendar, the line must be in one of this many passages that answer best.
_MAX_READ = 3
# The share of the weight of a question's other terms that a place must name.
_MIN_NAMED = 0.25
_ANSWER_TYPES = frozenset({AnswerType.BOOLEAN, AnswerType.DATE, AnswerType.OTHER, AnswerType.QUANTITY})
# Lines that an answer shows.
_MAX_LINES = 4
# Characters of a passage that is shown from a line to its end: what follows limits the hours.
_MAX_LENGTH = 160
# Characters between lines that one excerpt shows together.
_MAX_GAP = 40
_YEAR = timedelta(366)
# A line about closed days with one of these may say when it is open all the same.
_MAKES_EXCEPTION = re.compile(r"開|営業|除|ただし|場合|とき")


@dataclass(frozen=True, slots=True)
class HoursQuestion:
    """What a question wants to know: of a day, of weekdays, or closed days; and weights of what may name a place."""

    day: date | None
    weekdays: frozenset[NthWeekday]
    asks_closed: bool
    place: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Place:
    """Lines of one subject in a document.

    Attributes:
        outer: lines of what it is a part of, of the roles that it has none of.
        named: the terms of the question's place that it names.
        is_whole: whether these are all.
    """

    doc_id: str
    subject: tuple[str, ...]
    lines: tuple[HoursLine, ...]
    outer: tuple[HoursLine, ...]
    named: frozenset[str]
    is_whole: bool


def _is_outer(outer: tuple[str, ...], subject: tuple[str, ...]) -> bool:
    return outer != subject and subject[: len(outer)] == outer


def parse_hours_question(query: Query) -> HoursQuestion | None:
    """Return what a question wants to know of opening hours, None for any other question."""
    text = nfkc(query.text)
    named_days = _named_days(text, query.scope.as_of)
    days = [*query.values.days, *named_days.values()]
    has_day = bool(days or query.values.weekdays)
    if query.language != JAPANESE or query.answer_type not in _ANSWER_TYPES:
        return None
    if not (_ASKS.search(text) or LABEL_OF_HOURS.search(text) or (has_day and _ASKS_OF_DAY.search(text))):
        return None
    optional = query.optional_terms | query.values.terms | _NO_PLACE | {*words(" ".join(named_days))}
    place = {
        term.text: term.weight
        for term in query.terms
        if not (term.is_interrogative or term.text.isdecimal() or term.text in optional)
    }
    if len(set(days)) > 1:  # each would need an answer
        return None
    asks_closed = bool(_ASKS_CLOSED.search(text))
    return HoursQuestion(days[0] if days else None, query.values.weekdays, asks_closed, place)


@lru_cache(maxsize=16)
def _holidays_from(today: date) -> list[tuple[date, str]]:
    """Return the holidays of a year, last first; to compute them takes a millisecond."""
    return jpholiday.between(today, today + _YEAR)[::-1]


def _named_days(text: str, today: date) -> Mapping[str, date]:
    """Return the days that a question names by their names, also holidays, from today on."""
    holidays = {name: day for day, name in _holidays_from(today) if name in text}
    years = (today.year, today.year + 1)
    named = {match[0]: [date(year, *WORDS["days"][match[0]]) for year in years] for match in _NAMED_DAYS.finditer(text)}
    return holidays | {name: next(day for day in days if day >= today) for name, days in named.items()}


class HoursAnswerer:
    """Answers from the lines of the best documents; safe to share between threads."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._has_several_issuers = len({document.issuer for document in index.documents} - {""}) > 1
        self._read = lru_cache(maxsize=256)(self._read_lines)

    def __call__(self, turn: ReadTurn) -> Draft | None:
        """Return when the place of the question is open; None where no document surely tells of that place.

        Whether it is open on a day is only said where every word about closed days was read, and no document says
        otherwise.
        """
        several = any(len(name.officials) > 1 for name in turn.searched_names)
        scope = turn.query.scope
        is_unclear = bool(
            turn.absent or turn.unconfirmed or turn.apart or several or scope.required or scope.absent_towns
        )
        question = None if is_unclear else parse_hours_question(turn.query)
        found = (
            [_decide(place, question) for place in self._find_places(turn, question)]
            if question and question.place
            else []
        )
        found = [one for one in found if one.lines]
        if not found:
            return None
        found = [one for one in found if one.names_day] or sorted(found, key=lambda one: one.lines[0].is_exceptional)
        decided = [one for one in found if one.verdict is not None]
        best = next(iter(decided or found))
        is_contradicted = len({one.verdict for one in decided}) > 1
        rivals = [
            one
            for one in found
            if one is not best
            and one.place.doc_id == best.place.doc_id
            and (best.verdict is None or one.verdict != best.verdict)
        ]
        read = {scored.hit.passage.id for scored in turn.reading.passages[:_MAX_READ]}
        is_read = not read.isdisjoint(line.passage_id for line in best.lines)
        is_sure = best.is_decided and best.place.is_whole and not (is_contradicted or rivals)
        is_sure = is_sure and (best.verdict is not None or is_read)
        return self._build_draft(best, is_sure=is_sure) if is_sure or is_read else None

    def _find_places(self, turn: ReadTurn, question: HoursQuestion) -> list[Place]:
        """Return the places that the question names best, without the parts of one of them, best first."""
        passages = [scored.hit.passage for scored in turn.reading.passages[:_MAX_PASSAGES]]
        passages += [hit.passage for hit in turn.hits[:_MAX_PASSAGES]]
        ranks = {passage.id: rank for rank, passage in reversed([*enumerate(passages)])}
        places = list[Place]()
        in_force = (passage.doc_id for passage in passages if passage.doc_id in turn.query.scope.preferred)
        for doc_id in dict.fromkeys(in_force):
            lines = self._read(doc_id)
            title = self._index.by_id[doc_id].title
            for subject in sorted(dict.fromkeys(line.subject for line in lines), key=len):
                own = [line for line in lines if line.subject == subject]
                roles = {line.role for line in own}
                outer = [line for line in lines if line.role not in roles and _is_outer(line.subject, subject)]
                named = question.place.keys() & {*words(nfkc("\n".join((title, *subject))))}
                told = question.place.keys() & {*words(nfkc("\n".join(line.value for line in own)))}
                if named and not any(
                    one.doc_id == doc_id and one.named == named and _is_outer(one.subject, subject) for one in places
                ):
                    is_whole = (named if question.day else named | told) == question.place.keys()
                    places.append(Place(doc_id, subject, tuple(own), tuple(outer), frozenset(named), is_whole))

        def weight(place: Place) -> float:
            return round(sum(question.place[term] for term in place.named), 6)

        best = max(map(weight, places), default=0.0)
        if best < _MIN_NAMED * sum(question.place.values()):
            return []
        found = [place for place in places if weight(place) == best]
        beside = {(one.doc_id, one.subject[:-1]) for one in found}
        names = frozenset[str]().union(*(one.named for one in found))
        if any((one.doc_id, one.subject[:-1]) in beside and not one.named <= names for one in places):
            return []  # several places are asked about
        return sorted(found, key=lambda one: min(ranks.get(line.passage_id, len(ranks)) for line in one.lines))

    def _read_lines(self, doc_id: str) -> list[HoursLine]:
        return LINES.validate_json(read_artefact(self._index.folder, HOURS, doc_id) or b"[]")

    def _build_draft(self, answer: "PlaceAnswer", *, is_sure: bool) -> Draft:
        document = self._index.by_id[answer.place.doc_id]
        parts, sources = list[Part](), list[Source]()
        for first, last in _join_lines(answer.lines[:_MAX_LINES]):
            passage = self._index.passages[self._index.passage_row(first.passage_id)]
            is_short = len(passage.text) - first.start <= _MAX_LENGTH
            text = passage.text[first.start : None if is_short else last.end]
            line = build_source_line(document, passage.path, is_older=False, with_issuer=self._has_several_issuers)
            parts.append(Excerpt(len(sources) + 1, line, text, (0, len(text))))
            sources.append(Source(passage, text))
        if answer.verdict is not None and is_sure:
            parts.insert(0, Paragraph((Statement(answer.statement, (1,), "。"),)))
        elif not is_sure:
            parts.insert(0, paragraph(service_message("unsure")))
        status = Status.ANSWERED if is_sure else Status.PARTIAL
        return Draft(tuple(parts), tuple(sources), status, sources[0].passage.section, is_recurring=True)


def call_unsure(turn: Turn) -> Turn:
    """Return the turn; another sure excerpt about being open becomes unsure, since no calendar was compared with it.

    So does one about a day, one without hours or days, and one for a question without a place.
    """
    draft = turn.draft
    if draft is None or not draft.is_extractive or draft.is_recurring or draft.status is not Status.ANSWERED:
        return turn
    question = parse_hours_question(turn.query) if turn.query else None
    if question is None:
        return turn
    quotes = [nfkc(source.quote) for source in draft.sources]
    has_hours = any(STATED_HOURS.search(quote) or STATED_DAYS.search(quote) for quote in quotes)
    is_about_opening = any(CLOSED.search(quote) or OPEN.search(quote) for quote in quotes)
    is_unsure = (question.day is not None and is_about_opening) or not (has_hours and question.place)
    return turn.with_draft(replace(draft, status=Status.PARTIAL)) if is_unsure else turn


@dataclass(frozen=True, slots=True)
class PlaceAnswer:
    """What the lines of a place tell.

    Attributes:
        lines: those to show, best first.
        is_decided: whether they answer the question.
        verdict: whether the place is open on the day; None if that is not sure.
        day: the day.
        names_day: whether a line is about this day, not only about such days.
    """

    place: Place
    lines: Sequence[HoursLine]
    is_decided: bool
    verdict: bool | None = None
    day: date | None = None
    names_day: bool = False

    @property
    def statement(self) -> str:
        """The verdict in words."""
        if self.day is None:
            return ""
        name = f"{self.day.month}月{self.day.day}日({WEEKDAYS[self.day.weekday()]})"
        return f"{name}は{'開いている日です' if self.verdict else '休みの日に当たります'}"


def _decide(place: Place, question: HoursQuestion) -> PlaceAnswer:
    day = question.day
    lines = (*place.lines, *place.outer) if day else place.lines
    closed, opened, shifts = ([line for line in lines if line.role == role] for role in ("closed", "open", "shift"))
    opened = sorted(opened, key=lambda line: not STATED_HOURS.search(line.value))
    if day is None:
        asked = {weekday for _, weekday in question.weekdays}
        named = [
            line for line in lines if asked & {weekday for _, weekday in line.weekdays or named_weekdays(line.value)}
        ]
        first, second = (closed, opened) if question.asks_closed else (opened, closed)
        ordered = dict.fromkeys((*named, *first, *second, *shifts))
        return PlaceAnswer(place, [*ordered], bool(named if question.weekdays else first))
    opened = [line for line in opened if _applies(line, day, opened) is not False]
    closed_days = {line: _closed_days(line, lines) for line in closed}
    reasons = [line for line in closed if closed_days[line].closes(day)]
    exceptions = [line for line in opened if _names_day(line.value, day)]
    unread = [line for line in closed if not closed_days[line].is_complete]
    may_be_open = any(line in reasons or _MAKES_EXCEPTION.search(line.value) for line in unread) or not any(
        line.is_labelled or line.is_exceptional for line in reasons
    )
    if exceptions:
        return PlaceAnswer(place, [*exceptions, *reasons], not reasons, None, day, names_day=True)
    if reasons:
        of_day = [line for line in reasons if _names_day(line.value, day)]
        shown = [*of_day, *(line for line in reasons if line not in of_day)]
        return PlaceAnswer(place, shown, not may_be_open, None if may_be_open else False, day, names_day=bool(of_day))
    is_read = all(days.closes(day) is not None for days in closed_days.values())
    is_open = bool(closed and opened) and is_read and all(_applies(line, day, opened) for line in opened)
    return PlaceAnswer(place, [*opened[:2], *closed, *opened[2:]], is_open, True if is_open else None, day)


def _closed_days(line: HoursLine, lines: Sequence[HoursLine]) -> ClosedDays:
    """Return the closed days of a line; what holds on holidays may be said once for several lines."""
    # A cell of a timetable may be about a part of the day, or have a note.
    days = ClosedDays(line.weekdays, is_complete=False) if line.weekdays else read_closed_days(line.value)
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
        return is_weekday_of(day, line.weekdays)
    months = {time.month for time in times(line.value) if time.month and not time.day}
    return None if months and day.month not in months else True


def _names_day(text: str, day: date) -> bool:
    """Whether a text names a day, or days of a year around it."""
    days = read_closed_days(text)
    of_year = any(is_within(day, each) for each in days.dates) and not days.weekdays
    named = any(
        (time.month, time.day) == (day.month, day.day) and time.year in (None, day.year) for time in times(text)
    )
    return named or of_year or any(first <= day <= last for first, last in days.spans)


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
