"""Days that a rule decides (第2水曜, 14日以内): whether a text gives only the rule for the days of a question.

No calendar is computed without a language model: a rule has exceptions that a reader has to see beside it.
"""

from collections.abc import Iterable

from bot.state.query import AnswerType, Query
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.mentions.days import named_weekdays
from ingest.japanese.mentions.quantities import figures
from ingest.japanese.mentions.times import times

# What a rule about days can answer: when, whether on a day, or what there is on a day.
_ANSWERED_BY_DAYS = frozenset({AnswerType.DATE, AnswerType.BOOLEAN, AnswerType.OTHER})
_SPANS = frozenset({"日間", "週間", "か月"})
_COUNTED_FROM = ("以内", "前", "後", "ごと")


def leaves_day_open(query: Query, text: str) -> bool:
    """Whether the question names a day or month for which `text` has a rule, but no day of that month."""
    months = _asked_months(query)
    normal = nfkc(text)
    if not months or query.answer_type not in _ANSWERED_BY_DAYS or _names_day_of(normal, months):
        return False
    has_counted_days = any(
        figure.unit in _SPANS and normal.startswith(_COUNTED_FROM, figure.end) for figure in figures(normal)
    )
    weekdays = named_weekdays(normal)
    is_of_weekday = bool(query.values.weekdays) and not has_counted_days and all(n == 0 for n, _ in weekdays)
    asks_for_end = bool(query.values.days) and query.answer_type is not AnswerType.OTHER
    return (bool(weekdays) and not is_of_weekday) or (has_counted_days and asks_for_end)


def find_exception(query: Query, passage: Passage, passages: Iterable[Passage]) -> Passage | None:
    """Return the next of a document's passages if it is a neighbouring section that names a day of the asked month."""
    after = list(passages)
    following = after[after.index(passage) + 1 :][:1]
    is_near = bool(following) and following[0].path[:-1] == passage.path[:-1]
    return following[0] if is_near and _names_day_of(nfkc(following[0].text), _asked_months(query)) else None


def _asked_months(query: Query) -> frozenset[int]:
    return query.months | {day.month for day in query.values.days}


def _names_day_of(normal: str, months: frozenset[int]) -> bool:
    return any(time.day and time.month in months for time in times(normal))
