"""Whether a course is told as it ran: from which value to which, and each value at its own date."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.check.arithmetic import without_repeated
from bot.check.claims import figures
from bot.check.figure import Figure
from bot.check.grounds import Grounds
from bot.check.pieces import Piece
from bot.check.statements import Statement
from ingest.normalise import DateMention, dates

_FROM = re.compile(r"\s?(?:から|より|→)[^、。\d]{0,6}")
_ROSE = re.compile(r"(?:まで|に|へ)?、?(?:増|上が|上昇|伸び|拡)")
_FELL = re.compile(r"(?:まで|に|へ)?、?(?:減|下が|低下|縮)")
_IS_AGAINST = re.compile(r"(?:で|では|は|が|と)、?[^、。]{0,16}")
_IS_MORE = re.compile(
    r"を?(?:大きく|わずかに|やや)?(?:上回[っりる](?!ませ)|超え(?!ませ|な|ず))|より(?:も)?(?:多[いく]|高[いく]|大き[いく]|増え|伸び|上が)(?!な|ませ)"
)
_IS_LESS = re.compile(
    r"を?(?:大きく|わずかに|やや)?下回[っりる](?!ませ)|より(?:も)?(?:少な[いく]|低[いく]|小さ[いく]|減[っり]|下が)(?!な|ませ)"
)
_WHICH_IS_MORE = re.compile(r"を(?:大きく|わずかに|やや)?(?:上回る|超える)(?:年間|約|合計)?")
_WHICH_IS_LESS = re.compile(r"を(?:大きく|わずかに|やや)?下回る(?:年間|約|合計)?")
_YEARS = {"year", "fiscal_year"}


def wrong_course(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield the changes that are told backwards, and the figures that are told of another's date."""
    pieces = [piece for source in sources for piece in source.pieces]
    yield from _backwards(statement.text, pieces)
    yield from _against_its_figures(statement.text)
    yield from _wrongly_compared(statement.text)
    yield from _misdated(without_repeated(statement.text), pieces)


def _backwards(text: str, pieces: Sequence[Piece]) -> Iterator[str]:
    stated = [change for piece in pieces for change in _changes(piece.text)]
    for start, end in _changes(text):
        if (end, start) in stated and (start, end) not in stated:
            yield f"「{text}」は出典と逆の向きです"


def _changes(text: str) -> list[tuple[tuple[object, str], tuple[object, str]]]:
    """Return (value and unit before, value and unit after) of each change: 8億円から11億円に."""
    return [
        ((a.value, a.unit), (b.value, b.unit))
        for a, b in pairwise(figures(text))
        if a.unit == b.unit and _FROM.fullmatch(text[a.end : b.start])
    ]


def _against_its_figures(text: str) -> Iterator[str]:
    """Yield the changes whose word denies what their two figures show: 47人から38人に増えました."""
    for before, after in pairwise(figures(text)):
        if before.unit != after.unit or not _FROM.fullmatch(text[before.end : after.start]):
            continue
        rose, fell = _ROSE.match(text, after.end), _FELL.match(text, after.end)
        if (rose and after.value < before.value) or (fell and after.value > before.value):
            yield f"「{text}」は、増えたか減ったかが数値と合いません"


def _wrongly_compared(text: str) -> Iterator[str]:
    """Yield the comparisons that their two figures deny: 27件は目標の28件を上回りました."""
    for first, second in _in_one_unit(figures(text)):
        between = text[first.end : second.start]
        if _IS_AGAINST.fullmatch(between):
            more, less, one, other = *(p.match(text, second.end) for p in (_IS_MORE, _IS_LESS)), first, second
        else:
            more, less, one, other = *(p.fullmatch(between) for p in (_WHICH_IS_MORE, _WHICH_IS_LESS)), second, first
        if (more and one.value < other.value) or (less and one.value > other.value):
            yield f"「{text}」の比べ方が数値と合いません"


def _in_one_unit(found: Sequence[Figure]) -> Iterator[tuple[Figure, Figure]]:
    """Yield each figure with the next in its unit: in 38%で、5年前の41% these are the shares."""
    for n, figure in enumerate(found):
        if after := next((f for f in found[n + 1 :] if f.unit == figure.unit), None):
            yield figure, after


def _misdated(text: str, pieces: Sequence[Piece]) -> Iterator[str]:
    """Yield the figures that each piece with several dates gives to another date than the statement does."""
    for figure, date in _dated(text):
        told = [
            (other_figure, other_date)
            for piece in pieces
            for other_figure, other_date in _dated(piece.text)
            if other_figure.unit == figure.unit
        ]
        own = [d for f, d in told if f.value == figure.value]
        others = [f for f, d in told if _same_time(d, date) and f.value != figure.value]
        if own and others and not any(_same_time(d, date) for d in own):
            written = text[figure.start : figure.end]
            yield f"「{written}」は出典では別の時点の値です"


# A time that is told without a date: 計画策定時の19人, 前年度は.
_OTHER_TIME = re.compile(r"時の|時点|当時|[前翌昨]年|前回|前期|当初|[こそ]の間")


def _dated(text: str) -> Iterator[tuple[Figure, DateMention]]:
    """Yield each figure with the year that stands next before it in its sentence."""
    years = [mention for mention in dates(text) if mention.granularity in _YEARS]
    for figure in figures(text):
        before = [year for year in years if year.end <= figure.start]
        between = text[before[-1].end : figure.start] if before else ""
        if before and figure.unit and "。" not in between and not _OTHER_TIME.search(between):
            yield figure, before[-1]


def _same_time(one: DateMention, other: DateMention) -> bool:
    return one.covers(other) or other.covers(one)
