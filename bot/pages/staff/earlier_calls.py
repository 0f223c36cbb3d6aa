"""Page of earlier calls, by day."""

from datetime import date, timedelta
from itertools import groupby

from fastapi.responses import HTMLResponse

from bot.pages.staff.console import OpenConsole, console_router
from bot.pages.staff.unavailable_documents import find_unavailable_documents
from bot.usage import RecordedCall
from bot.usage.month import period_bounds
from ingest.japanese import nfkc
from ingest.japanese.today import to_japan_date, today

# Days that are listed at once.
_LISTED_DAYS = 7
# Days that are searched for words.
_SEARCHED_DAYS = 92
router = console_router()


@router.get("/staff/calls")
def show_calls(console: OpenConsole) -> HTMLResponse:
    """Return the calls up to a day that have all words of a search."""
    fields = console.fields
    last = _parse_day(fields.one("day")) or today()
    words = nfkc(fields.one("q")).casefold().split()
    span = _SEARCHED_DAYS if words else _LISTED_DAYS
    first = last - timedelta(days=span - 1)
    recorded = console.service.usage.calls(*period_bounds(first, last))
    calls = [call for call in recorded if _has_words(call, words)]
    days = [(day, list(group)) for day, group in groupby(calls, key=lambda call: to_japan_date(call.began))]
    cited = (doc_id for call in calls for doc_id in call.cited)
    gone = find_unavailable_documents(console.service, console.settings, cited)
    return console.page(
        "calls.html",
        "これまでの通話",
        area="calls",
        days=days,
        span=span,
        earlier=console.link("calls", day=(first - timedelta(days=1)).isoformat(), q=fields.one("q")),
        lost={call.id for call in calls if call.cited & gone.keys()},
        day_wanted=fields.one("day"),
        words_wanted=fields.one("q"),
    )


def _has_words(call: RecordedCall, words: list[str]) -> bool:
    text = nfkc("\n".join(call.questions)).casefold()
    return all(word in text for word in words)


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
