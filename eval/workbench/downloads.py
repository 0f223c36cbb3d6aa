"""Plain HTTP routes of the workbench: verdicts as files, and the HTML report of a run."""

from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from bot.auth import current_person
from bot.http.problems import UserFacingError
from eval.errors import RunFolderError
from eval.workbench.answer_pairs import unfinished_pairs
from eval.workbench.saved_runs import SavedRuns
from eval.workbench.verdict_export import Table, as_csv, as_jsonl, preferences_table, scores_table
from eval.workbench.verdict_store import VerdictStore

router = APIRouter(include_in_schema=False)
# The report holds its style and script in itself and fetches nothing.
_REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
Kind = Literal["scores", "preferences"]
_COLUMNS: dict[Kind, str] = {
    "scores": "run set case answer_id scorer correctness grounds clarity comment created counts",
    "preferences": "run_1 run_2 set case scorer shown_as_a choice better comment created counts",
}


@router.get("/{kind}.csv")
def csv_file(kind: Kind, request: Request) -> Response:
    """Return all marks or all choices for a spreadsheet."""
    return _file(as_csv(_table(kind, request), _COLUMNS[kind].split()), "text/csv", f"{kind}.csv")


@router.get("/{kind}.jsonl")
def jsonl_file(kind: Kind, request: Request) -> Response:
    """Return all marks or all choices for programs."""
    return _file(as_jsonl(_table(kind, request)), "application/x-ndjson", f"{kind}.jsonl")


def _table(kind: Kind, request: Request) -> Table:
    settings = request.app.state.settings
    verdicts = VerdictStore(settings)
    try:
        if kind == "scores":
            return scores_table(verdicts.scored())
        preferred = verdicts.preferred()
        scorer = current_person(request).name
        return preferences_table(preferred, scorer, unfinished_pairs(SavedRuns(settings), preferred, scorer))
    finally:
        verdicts.close()


def _file(text: str, media_type: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "x-content-type-options": "nosniff"}
    return Response(text, media_type=f"{media_type}; charset=utf-8", headers=headers)


@router.get("/report/{name}")
def report(name: str, request: Request) -> HTMLResponse:
    """Return the report of a run by name."""
    from eval.report.html_report import build_contents, load_history, render_report  # noqa: PLC0415 -- a plotting library

    runs = SavedRuns(request.app.state.settings)
    try:
        run = runs.load(name)
        html = render_report(build_contents(run, load_history(runs.folder, run)))
    except RunFolderError as error:
        raise UserFacingError(HTTPStatus.NOT_FOUND, str(error)) from error
    return HTMLResponse(html, headers={"content-security-policy": _REPORT_POLICY, "x-content-type-options": "nosniff"})
