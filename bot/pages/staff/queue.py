"""Page of the queue: questions without an answer or with a disliked one, in groups, and the answers of staff."""

from collections.abc import Callable
from datetime import date, timedelta

from fastapi.responses import HTMLResponse

from bot.curation.desk_interface import WAITING, Desk
from bot.curation.groups import STATE_NAMES, AnsweredShare, Group, State
from bot.http.form_fields import Fields
from bot.pages.staff.console import OpenConsole, console_router
from bot.rendering.referral import Referral
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
ON_A_PAGE = 25
router = console_router()


@router.get("/staff/queue")
def show_queue(console: OpenConsole) -> HTMLResponse:
    """Return a part of the groups that the address asks for, and all answers of staff."""
    fields, desk, service = console.fields, console.service.desk, console.service
    wanted = tuple(state for state in STATE_NAMES if state in fields.all("state"))
    states: frozenset[State] = frozenset(wanted) or WAITING
    subject_of = _subjects(Referral(service))
    groups = [group for group in desk.groups(states) if _is_wanted(group, fields, subject_of)]
    if fields.one("by"):
        groups.sort(key=lambda group: -group.size)
    parts = max(1, -(-len(groups) // ON_A_PAGE))
    part = min(max(fields.number("part", 1), 1), parts)
    asked = {name: fields.one(name) for name in ("state", "since", "subject", "by")}
    return console.page(
        "queue.html",
        "改善",
        area="queue",
        groups=groups[(part - 1) * ON_A_PAGE : part * ON_A_PAGE],
        n=len(groups),
        part=part,
        parts_of_list=parts,
        asked=asked,
        subject_of=subject_of,
        subjects=[*(one.name for one in service.departments.all()), NOBODY],
        spans=SPANS,
        state_names=STATE_NAMES,
        share=_answered_share(desk, fields.one("month")),
        curated=desk.curated(),
        curated_states=CURATED_STATES,
    )


def _subjects(referral: Referral) -> Callable[[Group], str]:
    return lambda group: one.name if (one := referral.department(group.question)) else NOBODY


def _is_wanted(group: Group, fields: Fields, subject_of: Callable[[Group], str]) -> bool:
    """Whether a group is of the subject that is asked for, and had a question since the day that is asked for."""
    if (subject := fields.one("subject")) and subject_of(group) != subject:
        return False
    if (days := fields.number("since", -1)) < 0:
        return True
    return group.last is not None and to_japan_date(group.last) >= today() - timedelta(days=days)


def _answered_share(desk: Desk, month: str) -> AnsweredShare | None:
    """Return what became of a month's questions; they are all asked again for it, so only where it is asked for."""
    if not month:
        return None
    if month == LAST:
        return desk.answered_share()
    try:
        return desk.answered_share(date.fromisoformat(f"{month}-01"))
    except ValueError:
        return None
