"""A case written or changed: from nothing, from one that there is, from an answer, or from a curated answer."""

from typing import Any

from bot.auth import Person
from bot.http.form_fields import Fields
from bot.pages.views import ActionResult, Address, DrawnView, View, view_link
from eval.dataset.labels import BEHAVIOUR_LABELS, FIELD_LABELS, KIND_DESCRIPTIONS
from eval.errors import CaseFileError
from eval.workbench.bench import Bench
from eval.workbench.case_files import Written
from eval.workbench.case_form import OR, case_from_form, form_values, survives_form
from eval.workbench.case_proposal import propose_case
from eval.workbench.render import render_view
from ingest.configuration.audit import record_event

CHOICES = {
    "behave": BEHAVIOUR_LABELS,
    "audience": {"citizen": "市民", "staff": "職員"},
    "style": {"standard": "ふつう", "easy": "やさしい日本語"},
    "priority": {"1": "1 決して落とさない", "2": "2 ふつう", "3": "3 急がない"},
    "provenance": {"written": "書いた質問", "from-staff": "職員から", "from-feedback": "利用者の声から"},
}


def _show(bench: Bench, at: Address, _by: Person) -> DrawnView:
    found, filled = _begun(bench, at)
    changes = found is not None and bench.cases.writes(found.case.id)
    if found and not changes:
        filled |= {"id": ""}
    html = render_view(
        "edit.html",
        filled=form_values(filled),
        based_on=found.version if found and changes else "",
        changes=changes,
        copied=found.case.id if found and not changes else "",
        choices=CHOICES,
        names=FIELD_LABELS,
        separator=OR.strip(),
        kinds=KIND_DESCRIPTIONS,
        folder=str(bench.cases.folder),
    )
    return DrawnView(html)


def _begun(bench: Bench, at: Address) -> tuple[Written | None, dict[str, Any]]:
    """Return the case to change, if there is one, and what the form begins with."""
    if case_id := at.one("id"):
        found = bench.cases.find(case_id)
        if found is None:
            raise CaseFileError(f"問い「{case_id}」はありません。一覧から選び直してください。")
        if not survives_form(found.case):
            raise CaseFileError(
                f"問い「{case_id}」には、この画面の欄に収まらない書き方（発言の中の改行や「|」など）があります。"
                f"管理者に、ファイル {found.file.name} で直すよう伝えてください。"
            )
        return found, found.case.model_dump(mode="json")
    return None, propose_case(bench, at)


def _check(bench: Bench, form: Fields, _at: Address, _by: Person) -> ActionResult:
    """Say what is wrong with the case as it is written; nothing is kept."""
    case = case_from_form(form)
    problems = bench.cases.problems(case, form.one("based_on"))
    if problems:
        raise CaseFileError("\n".join(problems))
    return ActionResult("問題は見つかりませんでした。保存できます。")


def _save(bench: Bench, form: Fields, _at: Address, by: Person) -> ActionResult:
    """Keep the case; the file is the office's own."""
    case = case_from_form(form)
    problems = bench.cases.problems(case, form.one("based_on"))
    if problems and not form.one("anyway"):
        raise CaseFileError(
            "\n".join([*problems, "それでも保存するときは「問題があっても保存する」に印を付けてください。"])
        )
    file = bench.cases.save(case, form.one("based_on"))
    done = "直しました" if form.one("based_on") else "加えました"
    record_event(bench.settings, by.name, "case", (), f"問い「{case.id}」を{done}（{file.name}）")
    written = next(one for one in bench.cases.all() if one.case.id == case.id)
    return ActionResult(f"{file.name} に保存しました。", view_link("case", set=written.set, id=case.id))


EDITING = View(_show, {"check": _check, "save": _save}, area="cases")
