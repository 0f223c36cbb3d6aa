"""HTTP route that serves the HTML report of a run."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from bot.http.problems import UserFacingError
from eval.errors import RunFolderError
from eval.workbench.saved_runs import SavedRuns

router = APIRouter(include_in_schema=False)
# The file holds its style and script in itself and fetches nothing.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


@router.get("/report/{name}")
def report(name: str, request: Request) -> HTMLResponse:
    """Return the report of a run by name."""
    from eval.report.contents import build_contents  # noqa: PLC0415 -- imports a plotting library
    from eval.report.html_report import render_report  # noqa: PLC0415
    from eval.report.past_runs import load_history  # noqa: PLC0415

    runs = SavedRuns(request.app.state.settings)
    try:
        run = runs.load(name)
        html = render_report(build_contents(run, load_history(runs.folder, run)))
    except RunFolderError as error:
        raise UserFacingError(HTTPStatus.NOT_FOUND, str(error)) from error
    return HTMLResponse(html, headers={"content-security-policy": POLICY, "x-content-type-options": "nosniff"})
