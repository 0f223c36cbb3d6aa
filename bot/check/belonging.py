"""Whether a figure, a date or a quoted name is told of what it belongs to: of its own row, time and plan.

That a passage holds a figure is not enough: a table holds those of other rows, a plan those of its forerunner. A claim
is misplaced when a piece that does not state it, but another of its kind, speaks of all that the claim's own piece
shares with the statement, and of more of it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from bot.check.arithmetic import sums
from bot.check.claims import Figure, figures
from bot.check.given import Given, named_documents, without_documents
from bot.check.grounds import Grounds, Stated, grounds
from bot.check.names import bodies, squash
from bot.check.pieces import Piece, subject_words
from bot.check.statements import Statement
from ingest.normalise import DateMention, dates

Speaks = Callable[[Piece], bool]
_QUOTED = re.compile(r"「[^「」]{3,}」")
# What a thing is called: 基本理念は「…」です.
_NAMED = re.compile(rf"は({_QUOTED.pattern})(?:です|であ|で、|。|$|を掲げ|とい)")
_DAY_OF = re.compile(r"に(?![はも])")
# A smaller number without a unit is a part of a name: Stage 2, 視点1.
_SMALLEST_BARE = 100
# Less than this share of a claim's subject in the piece that states it, and the piece speaks of something else. The
# right replies of eval/verification hold at least half of it (eval/LOG.md, 2026-11-20).
_SHARED_SUBJECT = 0.34
_FEWEST_WORDS = 3
_FEWEST_OF_ROW = 2
# Where a quoted stretch may begin and end; the share of the statement that it must be.
_SEAM = re.compile(r"[、,「」。]")
_MOST = 0.5
_OTHER_CALENDAR = re.compile(
    r"\((?:明治|大正|昭和|平成|令和|\d{4})[^()]{0,8}年度?\)|=(?:明治|大正|昭和|平成|令和|\d{4})[^()]{0,5}年度?(?=\))"
)
_YEARS = {"year", "fiscal_year"}


class Match(NamedTuple):
    """What a piece shares with the statement: words of its own, those over it too, dates."""

    own: frozenset[str]
    all: frozenset[str]


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim at `start` of the statement: what it is about, whether a piece states it, or another of its kind."""

    written: str
    start: int
    subject: frozenset[str]
    when: tuple[DateMention, ...]
    states: Speaks
    rivals: Speaks

    def match(self, piece: Piece) -> Match:
        """Return what `piece` shares with what the claim is about."""
        told = frozenset(d.key for d in self.when if any(d.covers(e) or e.covers(d) for e in piece.dates))
        return Match((self.subject & piece.own) | told, (self.subject & piece.about) | told)


def misplaced(statement: Statement, sources: Sequence[Grounds], given: Given) -> Iterator[str]:
    """Yield the claims that the sources make of something else."""
    titles = given.titles
    offered = [grounds(p, titles.get(p.doc_id, "")) for p in given.passages]
    others = [(source, piece) for source in (*sources, *offered) for piece in source.pieces]
    text = without_documents(statement.text, given.documents)
    shown = [one for one in sums(text, figures(text)) if one.right]
    for claim in _claims(text):
        # What a sum shows stands where its operands do.
        if any(text[one.end - len(claim.written) : one.end] == claim.written for one in shown):
            continue
        stating = [(source, piece) for source in sources for piece in source.pieces if claim.states(piece)]
        if not stating:
            continue
        if not any(_of_named(claim, statement.text, source, piece, given) for source, piece in stating):
            yield f"「{claim.written}」は出典では別の計画の値です"
            continue
        if _as_printed(claim, text, sources):
            continue
        rivals = [
            claim.match(piece)
            for source, piece in others
            if claim.rivals(piece)
            and not claim.states(piece)
            and _of_named(claim, statement.text, source, piece, given)
        ]
        own = [claim.match(piece) for _, piece in stating]
        if all(any(_beats(rival, match) for rival in rivals) for match in own):
            yield f"「{claim.written}」は出典では別の事柄の値です"
        elif len(claim.subject) >= _FEWEST_WORDS and all(
            len(match.all) < _SHARED_SUBJECT * len(claim.subject) for match in own
        ):
            yield f"「{claim.written}」は出典では別の事柄について書かれています"


def other_row(statement: Statement, sources: Sequence[Grounds], given: Given) -> Iterator[str]:
    """Yield the offices that stand in a row which tells nothing of what they are told of, where another row does."""
    if not sources or not all(source.columns for source in sources):
        return
    text = without_documents(statement.text, given.documents)
    titles = given.titles
    rows = [grounds(passage, titles.get(passage.doc_id, "")) for passage in given.passages if passage.cells]
    own = [piece for source in sources for piece in source.pieces]
    others = [piece for row in rows if row not in sources for piece in row.pieces]
    for body in bodies(text):
        subject = subject_words(text.replace(body, "")) - subject_words(body)
        rivals = [piece for piece in others if len(subject & piece.own) >= _FEWEST_OF_ROW]
        if rivals and not any(subject & piece.own for piece in own):
            yield f"「{body}」は出典では別の行の事柄です"


def _as_printed(claim: Claim, text: str, sources: Sequence[Grounds]) -> bool:
    """Whether most of the statement stands in a source letter for letter, with the claim: it is told of its own."""
    cuts = [0, *(match.end() for match in _SEAM.finditer(text)), len(text)]
    end = claim.start + len(claim.written)
    stretches = [_plain(text[a:b]).strip("、,「」。") for a in cuts for b in cuts if a <= claim.start and end <= b]
    long = [stretch for stretch in stretches if len(stretch) >= _MOST * len(_plain(text))]
    return any(stretch in _plain(source.text) for source in sources for stretch in long)


def _plain(text: str) -> str:
    """Return `text` squashed, and without the other calendar behind a date, which answers add."""
    return _OTHER_CALENDAR.sub("", squash(text))


def _beats(rival: Match, match: Match) -> bool:
    return rival.all > match.all or (rival.all == match.all and rival.own > match.own)


def _of_named(claim: Claim, text: str, source: Grounds, piece: Piece, given: Given) -> bool:
    """Whether the piece speaks of the document that the statement names last before the claim, or of none other."""
    named = [doc_id for at, doc_id in named_documents(text, given.documents) if at < claim.start]
    if not named:
        return True
    spoken_of = {doc_id for _, doc_id in named_documents(piece.text, given.documents)} or {source.doc_id}
    return named[-1] in spoken_of


def _claims(text: str) -> Iterator[Claim]:
    """Yield the claims of `text`, in which no document is named any more.

    A figure or date is about the words since the one before it, and where these name nothing new, about what that one
    is about; what happened on a day stands behind it; a quoted name is about all words but its own.
    """
    found = sorted(_figures_and_dates(text), key=lambda claim: claim[0])
    mentions, subject, end = tuple(dates(text)), frozenset[str](), 0
    starts = {mention.start for mention in mentions}
    several = len([start for start, *_ in found if start not in starts]) > 1
    for n, (start, stop, states, rivals) in enumerate(found):
        behind = text[stop : found[n + 1][0] if n + 1 < len(found) else len(text)]
        last = n + 1 == len(found)
        said = subject_words(f"{text[end:start]} {behind}" if last else text[end:start])
        happened = subject_words(behind) if _DAY_OF.match(behind) else frozenset[str]()
        if happened and not last:
            subject = happened
        else:
            subject = said if _names_subject(text[end:start]) or not subject else subject | said
        # One end of a span says nothing of the other; among several figures a date is that of the next.
        when = () if start in starts else _before(mentions, start) if several else mentions
        yield Claim(text[start:stop], start, subject, when, states, rivals)
        end = stop
    for match in _NAMED.finditer(text):
        others = subject_words(f"{text[: match.start()]} {text[match.end() :]}")
        yield Claim(match[1], match.start(1), others, mentions, partial(_quotes, squash(match[1])), _quotes_any)


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
