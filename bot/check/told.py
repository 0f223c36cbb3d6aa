"""What a statement claims of which subject and time: its figures, dates and quoted names."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from bot.check.claims import figures
from bot.check.figure import Figure
from bot.check.grounds import Stated
from bot.check.names import squash
from bot.check.pieces import Piece, subject_words
from ingest.normalise import DateMention, dates

Speaks = Callable[[Piece], bool]
_QUOTED = re.compile(r"「[^「」]{3,}」")
# What a thing is called: 基本理念は「…」です.
_NAMED = re.compile(rf"は({_QUOTED.pattern})(?:です|であ|で、|。|$|を掲げ|とい)")
_COMMAS, _TOPIC = frozenset("、,"), re.compile(r"([^。、,]{2,60})は[、,]")
_DAY_OF = re.compile(r"に(?![はも])")
# A clause ends in a verb or a copula (必要で、 減りましたが、), not in a particle.
_CLAUSE_END = re.compile(r"(?:で|[てりしきみちび]|ず|く|ます?が|ですが|たが|るが|ため|ので)[、,]")
_TURN = re.compile(r"(?:(?:ます|です|た|る|ない)が|一方|ものの)[、,]")
_ONE = re.compile(r"1\s?[^\d\s%,.年月]{1,3}")
# An ordinal is the label of the figure that follows it in its clause: 第2子は10万円.
_BREAK = re.compile(r"[、。]")
_NEW_TOPIC = re.compile(r"[、,](?=[^、。,]{1,20}は)")
# A smaller number without a unit is a part of a name: Stage 2, 視点1.
_SMALLEST_BARE = 100
_YEARS = {"year", "fiscal_year"}


class Match(NamedTuple):
    """What a piece shares with the statement: words of its own, those over it too, dates."""

    own: frozenset[str]
    all: frozenset[str]


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim at `start` of the statement: what it is about, whether a piece states it, or another of its kind.

    `said` are those words of its subject that stand in its own clause; `beside`, the ordinal that stands before it.
    """

    written: str
    start: int
    subject: frozenset[str]
    when: tuple[DateMention, ...]
    states: Speaks
    rivals: Speaks
    said: frozenset[str] = frozenset()
    beside: Figure | None = None
    clause: str = ""

    @property
    def is_rate(self) -> bool:
        """Whether it is the one of which something is told: 1回250円, 1時間ごと."""
        return bool(_ONE.fullmatch(self.written))

    def shared(self, piece: Piece) -> int:
        """Return how many words of the subject `piece` has, in whatever way they are cut (出産祝金, 祝い金)."""
        text = piece.squashed + piece.over
        return sum(word in piece.about or word in text for word in self.subject)

    def match(self, piece: Piece) -> Match:
        """Return what `piece` shares with what the claim is about."""
        told = frozenset(d.key for d in self.when if any(d.covers(e) or e.covers(d) for e in piece.dates))
        if self.beside and any((f.value, f.unit) == (self.beside.value, self.beside.unit) for f in piece.figures):
            told |= {f"{self.beside.value}{self.beside.unit}"}
        return Match((self.said & piece.own) | told, (self.subject & piece.about) | told)


def claims_of(text: str) -> Iterator[Claim]:
    """Yield the claims of `text`, in which no document is named any more.

    A figure or date is about the words since the one before it, and where these name nothing new, about what that one
    is about; what happened on a day stands behind it; a quoted name is about all words but its own.
    """
    found = sorted(_figures_and_dates(text), key=lambda claim: claim[0])
    mentions, subject, end = tuple(dates(text)), frozenset[str](), 0
    starts = {mention.start for mention in mentions}
    ordinals = [figure for figure in reversed(figures(text)) if figure.unit.startswith("第")]
    several = len([start for start, *_ in found if start not in starts]) > 1
    for n, (start, stop, states, rivals) in enumerate(found):
        last = n + 1 == len(found)
        between = _last_clause(text[end:start]) if n else text[end:start]
        behind = _first_clause(text[stop : len(text) if last else found[n + 1][0]])
        said = subject_words(f"{between} {behind}" if last else between)
        happened = subject_words(behind) if _DAY_OF.match(behind) else frozenset[str]()
        if happened and not last:
            subject = happened
        elif n and start in starts and between in _COMMAS and (topic := _TOPIC.match(text)):
            subject = subject_words(topic[1]) | said  # 策定時が3人、令和7年度が5人: what came before is of another time
        else:
            subject = said if _names_subject(between) or not subject else subject | said
        # One end of a span says nothing of the other; among several figures a date is that of the next.
        when = () if start in starts else _before(mentions, start) if several else mentions
        beside = next((f for f in ordinals if f.end <= start and not _BREAK.search(text[f.end : start])), None)
        yield Claim(
            text[start:stop], start, subject, when, states, rivals, said & subject, beside, f"{between}{behind}"
        )
        end = stop
    for match in _NAMED.finditer(text):
        others = subject_words(f"{text[: match.start()]} {text[match.end() :]}")
        yield Claim(match[1], match.start(1), others, mentions, partial(_quotes, squash(match[1])), _quotes_any, others)


def _last_clause(between: str) -> str:
    """Return what follows the last clause that ends between two claims: that one goes with the claim before it."""
    last = [0, *(match.end() for match in _CLAUSE_END.finditer(between))][-1]
    return between[last:]


def _first_clause(behind: str) -> str:
    """Return what stands behind a claim up to where its clause turns to another matter."""
    turn = _TURN.search(behind) or _NEW_TOPIC.search(behind)
    return behind[: turn.start()] if turn else behind


def _before(mentions: Sequence[DateMention], place: int) -> tuple[DateMention, ...]:
    """Return the date next before `place`, if there is one."""
    return tuple(mention for mention in mentions if mention.end <= place)[-1:]


def _names_subject(between: str) -> bool:
    """Whether a new subject is named: words before は, が or の."""
    return bool(re.search(r"[^\s、,。()]{2,}(?:は|が|では)", between)) and bool(subject_words(between))


def _figures_and_dates(text: str) -> Iterator[tuple[int, int, Speaks, Speaks]]:
    """Yield (start, end, whether a piece states it, whether a piece states one of its kind) of each."""
    for figure in figures(text):
        if figure.unit or figure.value >= _SMALLEST_BARE:
            yield figure.start, figure.end, partial(_has_figure, figure), partial(_has_unit, figure.unit)
    for mention in dates(text):
        yield mention.start, mention.end, partial(_has_date, mention), partial(_has_grain, mention.granularity)


def _has_figure(figure: Figure, piece: Piece) -> bool:
    return any(Stated(f, heads=piece.text).supports(figure) for f in piece.figures)


def _has_unit(unit: str, piece: Piece) -> bool:
    return any(f.unit == unit for f in piece.figures)


def _has_date(mention: DateMention, piece: Piece) -> bool:
    return any(mention.covers(d) for d in piece.dates)


def _has_grain(grain: str, piece: Piece) -> bool:
    return any(d.granularity == grain or {d.granularity, grain} <= _YEARS for d in piece.dates)


def _quotes(name: str, piece: Piece) -> bool:
    return name in piece.squashed


def _quotes_any(piece: Piece) -> bool:
    return bool(_QUOTED.search(piece.text))
