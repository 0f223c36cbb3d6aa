"""The queue: questions that stayed unanswered or were disliked, grouped by what they ask, and what became of them."""

from collections.abc import Callable
from datetime import date, timedelta

from bot.auth import Person
from bot.curation.desk_interface import WAITING
from bot.curation.groups import STATE_NAMES, AnsweredShare, Group, State
from bot.pages.views import Address, DrawnView, View
from bot.rendering.referral import Referral
from eval.workbench.bench import Bench
from eval.workbench.list_page import slice_page
from eval.workbench.render import render_view
from ingest.japanese.today import to_japan_date, today

CURATED_STATES = {
    "served": "答えています",
    "later": "まだ始まっていません",
    "expired": "期限が過ぎました",
    "review": "見直しが必要",
    "withdrawn": "取り下げました",
}

SPANS = {"0": "今日", "6": "この7日", "30": "この31日"}
"""How many days before today the last question may have come, at most."""
NOBODY = "担当なし"
LAST = "last"
"""The month before this one, which the desk knows: its clock is that of the answers."""


def _show(bench: Bench, at: Address, _by: Person) -> DrawnView:
    wanted = tuple(state for state in STATE_NAMES if state in at.all("state"))
    states: frozenset[State] = frozenset(wanted) or WAITING
    subject_of = _subjects(Referral(bench.service))
    groups = [one for one in bench.desk.groups(states) if _wanted(one, at, subject_of)]
    if at.one("by"):
        groups.sort(key=lambda one: -one.size)
    html = render_view(
        "queue.html",
        part=slice_page(groups, at.number("part", 1)),
        subject_of=subject_of,
        subjects=[*(one.name for one in bench.service.departments.all()), NOBODY],
        subject=at.one("subject"),
        spans=SPANS,
        since=at.one("since"),
        by=at.one("by"),
        state_names=STATE_NAMES,
        wanted=wanted,
        share=_share(bench, at.one("month")),
        curated=bench.desk.curated(),
        curated_states=CURATED_STATES,
        narrowed=at.without_field("part"),
    )
    return DrawnView(html)


def _subjects(referral: Referral) -> Callable[[Group], str]:
    return lambda group: one.name if (one := referral.department(group.question)) else NOBODY


def _wanted(group: Group, at: Address, subject_of: Callable[[Group], str]) -> bool:
    """Whether a group is of the subject that the address asks for, and had a question since the day it asks for."""
    if (subject := at.one("subject")) and subject_of(group) != subject:
        return False
    if (days := at.number("since", -1)) < 0:
        return True
    return group.last is not None and to_japan_date(group.last) >= today() - timedelta(days=days)


def _share(bench: Bench, month: str) -> AnsweredShare | None:
    """Return what became of a month's questions; they are all asked again for it, so only where it is asked for."""
    if not month:
        return None
    if month == LAST:
        return bench.desk.answered_share()
    try:
        return bench.desk.answered_share(date.fromisoformat(f"{month}-01"))
    except ValueError:
        return None


QUEUE = View(_show)
