"""Two runs held against each other blind: which answer is better, without knowing whose it is."""

from bot.auth import Person
from bot.http.form_fields import Fields
from bot.pages.views import ActionResult, Address, DrawnView, View, view_link
from eval.errors import VerdictError
from eval.scoring.judgements import CHOICES, CaseKey, Pair
from eval.workbench.bench import Bench
from eval.workbench.blind_order import blind_case_order, choose_run_a
from eval.workbench.paired import paired
from eval.workbench.preference import count_preferences
from eval.workbench.render import render_view
from eval.workbench.scoring_position import find_position
from eval.workbench.verdicts import current_verdicts


def _show(bench: Bench, at: Address, by: Person) -> DrawnView:
    runs = bench.runs.all()
    if not (at.one("one") and at.one("two")) or at.one("one") == at.one("two"):
        return DrawnView(
            render_view("blind.html", pair=None, runs=runs, one=at.one("one"), two=at.one("two"), undo=False)
        )
    pair = _pair(at)
    there, same = paired(bench.runs, pair)
    verdicts = bench.verdicts.preferred(pair)
    mine = {one.key: one for one in current_verdicts(verdicts) if one.scorer == by.name}
    turn = find_position(blind_case_order(pair, there, by.name), mine, _key(at))
    told = {
        "pair": pair,
        "turn": turn,
        "same": same,
        "undo": bool(mine),
        "titles": {one.name: one.title for one in runs},
    }
    if turn.now is None:
        of_me = count_preferences(pair, [one for one in verdicts if one.scorer == by.name])
        return DrawnView(
            render_view("blind.html", mine=of_me, all=count_preferences(pair, verdicts), **told), f"done {len(mine)}"
        )
    rows = there[turn.now].rows
    at_a = choose_run_a(pair, turn.now, by.name)
    html = render_view("blind.html", a=rows[at_a], b=rows[pair.other(at_a)], given=mine.get(turn.now), **told)
    return DrawnView(html, f"{turn.now} {turn.done}")


def _choose(bench: Bench, form: Fields, at: Address, by: Person) -> ActionResult:
    """Keep the choice and go on to the next case without one."""
    pair, key = _pair(at), CaseKey(form.one("of"), form.one("id"))
    there, _ = paired(bench.runs, pair)
    choice = next((one for one in CHOICES if one == form.one("choice")), None)
    if key not in there or choice is None:
        raise VerdictError("A、B、どちらも同じ、のどれかを選んでください。")
    at_a = choose_run_a(pair, key, by.name)
    bench.verdicts.prefer(pair, key, by.name, shown_as_a=at_a, choice=choice, comment=form.one("comment"))
    return ActionResult("保存しました。", _at(pair))


def _undo(bench: Bench, _form: Fields, at: Address, by: Person) -> ActionResult:
    """Take the last choice back and show that case again."""
    pair = _pair(at)
    mine = [one for one in current_verdicts(bench.verdicts.preferred(pair)) if one.scorer == by.name]
    if not mine:
        raise VerdictError("取り消せる判定がありません。")
    last = max(mine, key=lambda one: one.number)
    bench.verdicts.prefer(pair, last.key, by.name, shown_as_a=last.shown_as_a, choice="undone")
    return ActionResult("直前の判定を取り消しました。", _at(pair, last.key))


def _pair(at: Address) -> Pair:
    return Pair.of(at.one("one"), at.one("two"))


def _key(at: Address) -> CaseKey | None:
    return CaseKey(at.one("of"), at.one("id")) if at.one("id") else None


def _at(pair: Pair, key: CaseKey | None = None) -> str:
    case = {"of": key.set, "id": key.case_id} if key else {}
    return view_link("blind", one=pair.run_1, two=pair.run_2, **case)


BLIND = View(_show, {"choose": _choose, "undo": _undo})
