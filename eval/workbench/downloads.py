"""Plain HTTP routes of the workbench: verdicts as files."""

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.auth import current_person
from eval.workbench.answer_pairs import unfinished_pairs
from eval.workbench.saved_runs import SavedRuns
from eval.workbench.verdict_export import Table, as_csv, as_jsonl, preferences_table, scores_table
from eval.workbench.verdict_store import VerdictStore

router = APIRouter(include_in_schema=False)
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
        preferred, scorer = verdicts.preferred(), current_person(request).name
        return preferences_table(preferred, scorer, unfinished_pairs(SavedRuns(settings), preferred, scorer))
    finally:
        verdicts.close()


def _file(text: str, media_type: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "x-content-type-options": "nosniff"}
    return Response(text, media_type=f"{media_type}; charset=utf-8", headers=headers)
