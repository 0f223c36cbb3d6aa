"""A run's report, opened from the workbench: the HTML file of `python -m eval report`, with the runs before it."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from bot.http.problems import ReaderError
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
    from eval.report.contents import contents  # noqa: PLC0415 -- what draws plots the other routes need not wait for
    from eval.report.history import history  # noqa: PLC0415
    from eval.report.render import render  # noqa: PLC0415

    runs = SavedRuns(request.app.state.settings)
    try:
        run = runs.load(name)
        html = render(contents(run, history(runs.folder, run)))
    except RunFolderError as error:
        raise ReaderError(HTTPStatus.NOT_FOUND, str(error)) from error
    return HTMLResponse(html, headers={"content-security-policy": POLICY, "x-content-type-options": "nosniff"})
