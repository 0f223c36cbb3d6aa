"""The calls of earlier days: what was looked up at the console, day by day."""

from datetime import date, timedelta
from itertools import groupby

from bot.curated.again import moments
from bot.days import day_of, today
from bot.sign_in import Person
from bot.ui.staff import render
from bot.ui.staff.context import Context
from bot.ui.views import Address, Shown, View

# What somebody who looks for a call remembers: it was this week.
SPAN = 7


def _show(context: Context, at: Address, _by: Person) -> Shown:
    last = _day(at.one("day")) or today()
    first = last - timedelta(days=SPAN - 1)
    found = context.service.usage.calls(*moments(first, last))
    by_day = groupby(found, key=lambda call: day_of(call.began))
    days = [(day, list(calls)) for day, calls in by_day]
    earlier = (first - timedelta(days=1)).isoformat()
    return Shown(render.fragment("calls.html", days=days, day_wanted=at.one("day"), span=SPAN, earlier=earlier))


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        return None


CALLS = View(_show)
