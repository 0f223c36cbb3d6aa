"""Page of earlier calls, by day."""

from datetime import date, timedelta
from itertools import groupby

from fastapi.responses import HTMLResponse

from bot.curation.answered_share import period_bounds
from bot.pages.staff.console import OpenConsole, console_router
from bot.pages.staff.unavailable_documents import find_unavailable_documents
from ingest.japanese import nfkc
from ingest.japanese.today import to_japan_date, today

# Days that are listed at once: what somebody who looks for a call remembers is that it was this week, or a word of it.
SPAN, SPAN_OF_WORDS = 7, 92
router = console_router()


@router.get("/staff/calls")
def show_calls(console: OpenConsole) -> HTMLResponse:
    """Return the calls up to a day, those with all the words that the address names."""
    fields = console.fields
    last, wanted = _parse_day(fields.one("day")) or today(), nfkc(fields.one("q")).casefold().split()
    span = SPAN_OF_WORDS if wanted else SPAN
    first = last - timedelta(days=span - 1)
    recorded = console.service.usage.calls(*period_bounds(first, last))
    calls = [call for call in recorded if all(word in nfkc("\n".join(call.questions)).casefold() for word in wanted)]
    days = [(day, list(of_day)) for day, of_day in groupby(calls, key=lambda call: to_japan_date(call.began))]
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


def _parse_day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        return None
