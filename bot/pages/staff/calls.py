"""View of earlier calls, by day."""

from datetime import date, timedelta
from itertools import groupby
from typing import Any

from bot.auth import Person
from bot.curation.answered_share import period_bounds
from bot.pages.staff import render
from bot.pages.staff.context import Context
from bot.pages.staff.unavailable_documents import find_unavailable_documents
from bot.pages.views import Address, DrawnView, View, view_link
from ingest.japanese import nfkc
from ingest.japanese.today import to_japan_date, today

# What somebody who looks for a call remembers: it was this week, or a word of it.
SPAN, SPAN_OF_WORDS = 7, 92


def _show(context: Context, at: Address, _by: Person) -> DrawnView:
    last, wanted = _day(at.one("day")) or today(), nfkc(at.one("q")).casefold().split()
    span = SPAN_OF_WORDS if wanted else SPAN
    first = last - timedelta(days=span - 1)
    made = context.service.usage.calls(*period_bounds(first, last))
    found = [call for call in made if all(word in nfkc("\n".join(call.questions)).casefold() for word in wanted)]
    by_day = groupby(found, key=lambda call: to_japan_date(call.began))
    days = [(day, list(calls)) for day, calls in by_day]
    earlier = view_link("calls", day=(first - timedelta(days=1)).isoformat(), q=at.one("q"))
    gone = find_unavailable_documents(context, (doc_id for call in found for doc_id in call.cited))
    asked: dict[str, Any] = {
        "lost": {call.id for call in found if call.cited & gone.keys()},
        "day_wanted": at.one("day"),
        "words_wanted": at.one("q"),
    }
    return DrawnView(render.render_fragment("calls.html", days=days, span=span, earlier=earlier, **asked))


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        return None


CALLS = View(_show)
