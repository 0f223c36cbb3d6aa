"""Whether a piece is of the dates that a question names: its own, those over it, those of its meeting or plan."""

import re
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise

from bot.check.roles import role_of_column
from bot.find.evidence import Evidence, content_terms_cached
from bot.find.sought import Sought
from bot.understand.asked import Kind
from bot.understand.leaning import PAPERS
from bot.understand.thesaurus import same_meaning
from bot.validity import published_on
from ingest.documents import Document
from ingest.normalise import DateMention, dates, nfkc

_YEARS = frozenset({"year", "fiscal_year"})
# Minutes are published within some months.
_MINUTES_OUT = timedelta(days=120)
_OF_MEETING = re.compile(r"会議|会合|会長|議長|委員|議事|協議会|審議会")
_HAPPENED = re.compile(r"(?:まし|だっ|[いっし])た[。」)]*$")


def is_of_dates(evidence: Evidence, sought: Sought, document: Document) -> bool:
    """Whether each date of the question is one of the piece, its headings, or its document's title."""
    if not sought.dates:
        return True
    heads = [cell.column for cell in evidence.passage.cells]
    context = (evidence.lead, *heads, *evidence.passage.path, document.title)
    stated = [*evidence.dates, *(m for part in context for m in _dates_over(part))]
    about_meeting = document.kind == "meeting" and _OF_MEETING.search(sought.asked.text)
    if about_meeting and all(_may_be_held(document, wanted) for wanted in sought.dates):
        return True
    if sought.asked.kind is Kind.PERIOD or sought.asked.yesno or _asks_which_plan(sought, document):
        stated += spans(evidence.normal)
    # The outermost heading is the document's own, with the date of its making.
    over = (evidence.lead, *heads, *evidence.passage.path[1:])
    dated = [*evidence.dates, *(m for part in over for m in _dates_over(part))]
    rules = document.id in sought.scope.governing or _is_of_asker(sought, document)
    if rules and not dated and _is_rule(evidence, sought):
        return True
    # Of the years between which something changed, each row of a table by years has one.
    enough = any if evidence.kind == "row" and sought.reckoning and len(sought.dates) > 1 else all
    return enough(any(_is_of(m, wanted, evidence) for m in stated) for wanted in sought.dates)


@lru_cache(maxsize=4096)
def _dates_over(heading: str) -> tuple[DateMention, ...]:
    """Return the dates in a heading, lead or head: the same for all that stands under it."""
    return tuple(dates(nfkc(heading)))


def _may_be_held(document: Document, wanted: DateMention) -> bool:
    """Whether a meeting in the month or on the day that is wanted may be the one that the minutes tell of."""
    out = published_on(document)
    if out is None or wanted.granularity in _YEARS:
        return False
    return wanted.first <= out <= wanted.last + _MINUTES_OUT


def _is_of(stated: DateMention, wanted: DateMention, evidence: Evidence) -> bool:
    """Whether what is stated is of the time wanted; the year over a piece tells nothing of one of its months."""
    coarse = stated.granularity in _YEARS and wanted.granularity not in _YEARS
    if coarse and stated not in evidence.dates:
        return False
    return wanted.overlaps(stated)


def _is_of_asker(sought: Sought, document: Document) -> bool:
    """Whether the dates are only told from today (来月引っ越す), and the document lays down what holds at any time."""
    written = dates(sought.asked.text)
    own = all(m not in written and m.granularity in {"year", "month"} for m in sought.dates)
    return own and document.kind != "meeting" and document.id in sought.scope.preferred


def _asks_which_plan(sought: Sought, document: Document) -> bool:
    """Whether the question names nothing but plans (令和10年度はどの計画?)."""
    things = {t.text for t in sought.terms if t.weight >= 1.0}
    return things <= PAPERS | content_terms_cached(document.title)


def _is_rule(evidence: Evidence, sought: Sought) -> bool:
    """Whether the piece tells what holds while its document is in force: no figure measured, nothing that happened."""
    measured = "result" in sought.asked.aspects or any(role_of_column(c.column) for c in evidence.passage.cells)
    named = {t.text for t in sought.terms if t.weight >= 1.0}
    missing = [word for word in named if same_meaning(word).isdisjoint(evidence.around)]
    about = not missing if sought.asked.kind is Kind.QUANTITY else len(missing) < max(len(named), 2)
    return bool(named) and about and not measured and not _HAPPENED.search(evidence.normal)


def spans(text: str) -> list[DateMention]:
    """Return the ranges written between two dates (2026年度~2029年度, 4月1日(水)から5月8日まで) in normalised text."""
    return [
        DateMention(a.start, b.end, a.first, b.last, a.granularity)
        for a, b in pairwise(dates(text))
        if re.fullmatch(r"(?:\([^()]{1,6}\))?\s?(?:~|-|から|より)\s?", text[a.end : b.start])
    ]
