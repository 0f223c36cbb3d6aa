"""Page of the queue: questions without an answer or with a disliked one, in groups, and the answers of staff."""

from collections.abc import Callable
from datetime import date, timedelta

from fastapi.responses import HTMLResponse

from bot.curation.queue_records import STATE_NAMES, AnsweredShare, Group, State
from bot.curation.staff_desk import WAITING, StaffDesk
from bot.http.form_fields import Fields
from bot.pages.referral import Referral
from bot.pages.staff.console import OpenConsole, console_router
from ingest.japanese.today import to_japan_date, today

CURATED_STATES = {
    "served": "答えています",
    "later": "まだ始まっていません",
    "expired": "期限が過ぎました",
    "review": "見直しが必要",
    "withdrawn": "取り下げました",
}
SPANS = {"0": "今日", "6": "この7日", "30": "この31日"}
"""Filters by the greatest age of the last question, in days."""
NOBODY = "担当なし"
LAST_MONTH = "last"
GROUPS_PER_PAGE = 25
router = console_router()


@router.get("/staff/queue")
def show_queue(console: OpenConsole) -> HTMLResponse:
    """Return a page of the groups that match the filters, and all curated answers."""
    fields = console.fields
    desk = console.service.desk
    service = console.service
    selected = tuple(state for state in STATE_NAMES if state in fields.all("state"))
    states: frozenset[State] = frozenset(selected) or WAITING
    subject_of = _subjects(Referral(service))
    groups = [group for group in desk.groups(states) if _matches_filters(group, fields, subject_of)]
    if fields.one("by"):
        groups.sort(key=lambda group: -group.size)
    parts = max(1, -(-len(groups) // GROUPS_PER_PAGE))
    part = min(max(fields.number("part", 1), 1), parts)
    filters = {name: fields.one(name) for name in ("state", "since", "subject", "by")}
    return console.page(
        "queue.html",
        "改善",
        area="queue",
        groups=groups[(part - 1) * GROUPS_PER_PAGE : part * GROUPS_PER_PAGE],
        n=len(groups),
        part=part,
        parts_of_list=parts,
        asked=filters,
        subject_of=subject_of,
        subjects=[*(department.name for department in service.departments.all()), NOBODY],
        spans=SPANS,
        state_names=STATE_NAMES,
        share=_answered_share(desk, fields.one("month")),
        curated=desk.curated(),
        curated_states=CURATED_STATES,
    )


def _subjects(referral: Referral) -> Callable[[Group], str]:
    def subject_of(group: Group) -> str:
        department = referral.department(group.question)
        return department.name if department else NOBODY

    return subject_of


def _matches_filters(group: Group, fields: Fields, subject_of: Callable[[Group], str]) -> bool:
    if (subject := fields.one("subject")) and subject_of(group) != subject:
        return False
    if (days := fields.number("since", -1)) < 0:
        return True
    return group.last is not None and to_japan_date(group.last) >= today() - timedelta(days=days)


def _answered_share(desk: StaffDesk, month: str) -> AnsweredShare | None:
    """Return the outcomes of a month's questions if a month is selected, because they are all asked again."""
    if not month:
        return None
    if month == LAST_MONTH:
        return desk.answered_share()
    try:
        return desk.answered_share(date.fromisoformat(f"{month}-01"))
    except ValueError:
        return None
