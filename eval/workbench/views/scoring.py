"""Scoring one run by hand: an answer after the other gets three marks and a comment."""

from bot.auth import Person
from bot.http.form_fields import Fields
from bot.pages.views import ActionResult, Address, DrawnView, View, view_link
from eval.dataset.labels import kind_order
from eval.errors import VerdictError
from eval.scoring.judgements import CRITERIA, CRITERION_NAMES, CRITERION_QUESTIONS, MARKS, CaseKey, Marks, ScoreVerdict
from eval.workbench.answer_details import load_answer_details
from eval.workbench.bench import Bench
from eval.workbench.case_list import Entry, EntryFilter
from eval.workbench.render import render_view
from eval.workbench.scoring_position import ScoringPosition, find_position
from eval.workbench.verdicts import current_verdicts
from eval.workbench.views.cases import entries

MARK_NAMES = {1: "誤り", 2: "大きな不足", 3: "半ば", 4: "小さな不足だけ", 5: "申し分ない"}


def _show(bench: Bench, at: Address, by: Person) -> DrawnView:
    runs, run = bench.runs.all(), at.one("run")
    if not run:
        return DrawnView(render_view("scoring.html", runs=runs, run="", set=""))
    there = _there(bench, at)
    mine = {one.key: one for one in current_verdicts(bench.verdicts.scored(run)) if one.scorer == by.name}
    turn = find_position(list(there), mine, _key(at))
    if turn.now is None:
        return DrawnView(render_view("scoring.html", run=run, set=at.one("set"), turn=turn), "done")
    entry = there[turn.now]
    return DrawnView(_entry_html(bench, at, entry, turn, mine.get(turn.now)), f"{turn.now}")


def _entry_html(bench: Bench, at: Address, entry: Entry, turn: ScoringPosition, given: ScoreVerdict | None) -> str:
    answer = entry.row.answer if entry.row else None
    case = entry.case
    return render_view(
        "scoring.html",
        run=at.one("run"),
        set=at.one("set"),
        entry=entry,
        answer=answer,
        looked=load_answer_details(bench.service, answer, entry.row.observations, case.as_of)
        if entry.row and answer
        else None,
        title=next((one.title for one in bench.runs.all() if one.name == at.one("run")), ""),
        turn=turn,
        given=given,
        criteria=CRITERION_NAMES,
        asked_of=CRITERION_QUESTIONS,
        marks=MARKS,
        mark_names=MARK_NAMES,
    )


def _save(bench: Bench, form: Fields, at: Address, by: Person) -> ActionResult:
    """Keep the marks and go on to the next answer that has none."""
    key = CaseKey(form.one("of"), form.one("id"))
    entry = _there(bench, at).get(key)
    if entry is None:
        raise VerdictError("採点していた問いが、この評価にありません。画面を開き直してください。")
    given = {criterion: form.number(criterion) for criterion in CRITERIA}
    marks = Marks(**given, comment=form.one("comment"))
    answer = entry.row.answer if entry.row and entry.row.answer else {}
    bench.verdicts.score(at.one("run"), key, str(answer.get("answer_id", "")), by.name, marks)
    return ActionResult("採点を保存しました。", view_link("scoring", run=at.one("run"), set=at.one("set")))


def _there(bench: Bench, at: Address) -> dict[CaseKey, Entry]:
    wanted = EntryFilter.of(at)
    there = sorted(entries(bench, at.one("run")), key=lambda entry: kind_order(entry.case.kind))
    return {entry.key: entry for entry in there if wanted.matches(entry)}


def _key(at: Address) -> CaseKey | None:
    return CaseKey(at.one("of"), at.one("id")) if at.one("id") else None


SCORING = View(_show, {"save": _save})
