"""The testers' workbench from visible Gradio components: a head, a message, one tab per task, and files to download."""

from asyncio import to_thread
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from http import HTTPStatus
from itertools import chain
from pathlib import Path
from typing import Any, Literal, cast

import gradio as gr
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from bot.auth import current_person
from bot.http.form_fields import Fields
from bot.http.problems import UserFacingError
from bot.pages.page_interface import Page
from bot.rendering.html.markup import join_assets
from bot.service import Service
from bot.spreadsheet import to_csv
from eval.errors import RunFolderError
from eval.workbench.bench import Bench, open_bench
from eval.workbench.frame import Changes, Frame, Tab, fields_of, head_html, html_area, listen
from eval.workbench.saved_runs import SavedRuns
from eval.workbench.tabs.ask_tab import AskTab
from eval.workbench.tabs.cases_tab import CasesTab
from eval.workbench.tabs.comparison_tab import ComparisonTab
from eval.workbench.tabs.runs_tab import RunsTab
from eval.workbench.tabs.scoring_tab import ScoringTab
from eval.workbench.tabs.verdicts_tab import VerdictsTab
from eval.workbench.verdicts import EXPORTED, VerdictStore, export_rows, unfinished_pairs
from ingest.configuration.settings import Settings

# The report holds its style and script in itself and fetches nothing.
_REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
Kind = Literal["scores", "preferences"]
# Benches of this process; a server closes its own at its end, for the threads of a run would keep the process alive.
_open: list[Bench] = []


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    for bench in [opened for opened in _open if opened.settings is app.state.settings]:
        _open.remove(bench)
        await to_thread(bench.close)


router = APIRouter(prefix="/workbench", include_in_schema=False, lifespan=_lifespan)


@router.get("/{kind}.csv")
def csv_file(kind: Kind, request: Request) -> Response:
    """Return all marks or all choices for a spreadsheet."""
    settings = request.app.state.settings
    with closing(VerdictStore(settings)) as verdicts:
        if kind == "scores":
            exported = export_rows(verdicts.scored())
        else:
            preferred = verdicts.preferred()
            scorer = current_person(request).name
            exported = export_rows(preferred, scorer, unfinished_pairs(SavedRuns(settings), preferred, scorer))
    content = to_csv(EXPORTED[kind], ([row[column] for column in EXPORTED[kind]] for row in exported))
    headers = {"content-disposition": f'attachment; filename="{kind}.csv"', "x-content-type-options": "nosniff"}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/report/{name}")
def report(name: str, request: Request) -> HTMLResponse:
    """Return the report of a run by name."""
    from eval.report.html_report import render_report  # noqa: PLC0415 -- a plotting library

    runs = SavedRuns(request.app.state.settings)
    try:
        html = render_report(runs.load(name))
    except RunFolderError as error:
        raise UserFacingError(HTTPStatus.NOT_FOUND, str(error)) from error
    return HTMLResponse(html, headers={"content-security-policy": _REPORT_POLICY, "x-content-type-options": "nosniff"})


STATIC = Path(__file__).parent / "static"
TABS: dict[str, tuple[str, Callable[[Frame], Tab]]] = {
    "runs": ("実行", RunsTab),
    "cases": ("問い", CasesTab),
    "scoring": ("採点", ScoringTab),
    "comparison": ("比較", ComparisonTab),
    "verdicts": ("集計", VerdictsTab),
    "ask": ("尋ねる", AskTab),
}
"""The tabs by the name that an address has for them: what each is called, and what builds it."""


def workbench_page(service: Service, settings: Settings) -> gr.Blocks:
    """Return the page, not yet mounted."""
    return build_page(open_bench(service, settings))


def build_page(bench: Bench) -> gr.Blocks:
    """Return the page over an open bench, which is closed when the server ends."""
    _open.append(bench)
    with gr.Blocks(title=bench.settings.service_name, analytics_enabled=False) as page:
        head = html_area(elem_id="head")
        message = html_area(elem_id="message")
        frame = Frame(bench, message, html_area(elem_id="address", visible="hidden"))
        tabs: dict[str, Tab] = {}
        with gr.Tabs(elem_id="tabs") as bar:
            for name, (label, build) in TABS.items():
                with gr.Tab(label, id=name, elem_id=f"tab-{name}"):
                    tabs[name] = build(frame)

        def open_address(request: gr.Request) -> Changes:
            person = current_person(request)
            fields = Fields(request.query_params.multi_items())
            name = fields.one("tab") if fields.one("tab") in tabs else next(iter(tabs))
            opened = frame.open(tabs[name], person, fields)
            return {head: head_html(bench.settings.service_name, person), bar: gr.Tabs(selected=name), **opened}

        def select_tab(event: gr.SelectData, request: gr.Request, *values: Any) -> Changes:
            name = list(tabs)[event.index]
            value_of = dict(zip(components, values, strict=True))
            fields = fields_of({field: value_of[name, field] for field in tabs[name].fields})
            return frame.open(tabs[name], current_person(request), fields)

        components = {(name, field): component for name, tab in tabs.items() for field, component in tab.fields.items()}
        outputs = [*chain.from_iterable(tab.outputs for tab in tabs.values()), frame.address, message]
        listen([page.load], open_address, (), [head, bar, *outputs])
        # `bar.select` fires when a person chooses a tab; that of each `gr.Tab` also when the server does.
        listen([bar.select], select_tab, list(components.values()), outputs)
    return cast("gr.Blocks", page)


WORKBENCH = Page(
    path="/workbench",
    title="評価の作業台",
    description="回答の質を測り、採点し、直す人のための画面です。",
    build=workbench_page,
    css=(STATIC / "workbench.css",),
    script=join_assets(STATIC, "browser.js", "gradio.js", "workbench.js"),
    router=router,
)
