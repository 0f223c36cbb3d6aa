"""One case: what was asked and answered, what that stands on, why it passed or failed, how it is answered now."""

from pathlib import Path
from typing import Any

from bot.auth import Person
from bot.pages.views import Address, DrawnView, View
from bot.rendering.html.text_spans import diff_words
from eval.dataset.sets import project_sets
from eval.errors import CaseFileError
from eval.scoring.judgements import CaseKey
from eval.scoring.run_record import run_transport
from eval.workbench.answer_details import load_answer_details
from eval.workbench.bench import Bench
from eval.workbench.case_list import Entry
from eval.workbench.render import render_view
from eval.workbench.unrecorded_asker import FreshAnswer
from eval.workbench.verdicts import current_verdicts
from eval.workbench.views.cases import entries


def entry_at(bench: Bench, at: Address) -> Entry:
    """Return the case that an address names, of a run or as it is written now. Raises EvalError."""
    key = CaseKey(at.one("set"), at.one("id"))
    found = next((entry for entry in entries(bench, at.one("run")) if entry.key == key), None)
    if found is None:
        raise CaseFileError(f"質問集「{key.set}」に問い「{key.case_id}」はありません。一覧から選び直してください。")
    return found


def _show(bench: Bench, at: Address, _by: Person) -> DrawnView:
    entry, run = entry_at(bench, at), at.one("run")
    again = bench.aside.ask(entry.case, corpora_of(bench, run, entry.set)) if at.one("again") else None
    saved = entry.row.answer if entry.row else None
    shown = saved or (again.answer if again else None)
    beside = entry.row.observations if entry.row else again.beside if again else {}
    case = entry.case
    html = render_view(
        "case.html",
        entry=entry,
        run=run,
        answer=saved,
        again=again,
        both=_both(saved, again),
        door=run_transport(bench.runs.load(run)) if run else None,
        looked=load_answer_details(bench.service, shown, beside, case.as_of) if shown else None,
        scored=[one for one in current_verdicts(bench.verdicts.scored(run)) if one.key == entry.key] if run else [],
        writable=bench.cases.writes(case.id),
    )
    return DrawnView(html)


def corpora_of(bench: Bench, run: str, name: str) -> tuple[Path, ...]:
    """Return the folders of the documents that a set is asked over: those of the run, else its own; none in service.

    A set without documents of its own, or whose documents are not on this machine, is asked of the index in service.
    """
    if run:
        told = bench.runs.load(run).config.get("sets", {}).get(name, {}).get("corpus", ())
        corpora = tuple(map(Path, told))
    else:
        corpora = next((one.corpora for one in project_sets(settings=bench.settings) if one.name == name), ())
    return corpora if all(corpus.is_dir() for corpus in corpora) else ()


def _both(saved: dict[str, Any] | None, again: FreshAnswer | None) -> Any:
    if not (saved and again and again.answer):
        return None
    return diff_words(saved["answer"], again.answer["answer"])


CASE = View(_show, area="cases")
