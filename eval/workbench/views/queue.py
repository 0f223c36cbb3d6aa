"""The queue: questions that stayed unanswered or were disliked, grouped by what they ask, and what became of them."""

from datetime import date

from bot.curated.desk import WAITING
from bot.curated.groups import STATE_NAMES, AnsweredShare, State
from eval.workbench.bench import Bench
from eval.workbench.fields import Address
from eval.workbench.part import part_of
from eval.workbench.render import drawn
from eval.workbench.view import Shown, View

CURATED_STATES = {
    "served": "答えています",
    "later": "まだ始まっていません",
    "expired": "期限が過ぎました",
    "review": "見直しが必要",
    "withdrawn": "取り下げました",
}

LAST = "last"
"""The month before this one, which the desk knows: its clock is that of the answers."""


def _show(bench: Bench, at: Address, _by: str) -> Shown:
    wanted = tuple(state for state in STATE_NAMES if state in at.all("state"))
    states: frozenset[State] = frozenset(wanted) or WAITING
    html = drawn(
        "queue.html",
        part=part_of(bench.desk.groups(states), at.number("part", 1)),
        state_names=STATE_NAMES,
        wanted=wanted,
        share=_share(bench, at.one("month")),
        curated=bench.desk.curated(),
        curated_states=CURATED_STATES,
        narrowed="&".join(f"state={state}" for state in wanted),
    )
    return Shown(html)


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
