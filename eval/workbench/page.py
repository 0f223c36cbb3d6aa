"""The testers' workbench from visible Gradio components: a head, a message, one tab per task, and files to download."""

from asyncio import to_thread
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from http import HTTPStatus
from itertools import chain
from pathlib import Path
from typing import Any, Literal, cast

import gradio as gr
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from bot.channels.html.markup import join_assets
from bot.channels.pages.mount import Page
from bot.running.auth.person import current_person
from bot.running.http.form_fields import Fields
from bot.running.http.problems import UserFacingError
from bot.running.server_state import server_state
from bot.running.service.service import Service
from bot.spreadsheet import CSV, to_csv
from eval.dataset.case_tables import write_cases
from eval.errors import EvalError
from eval.workbench.bench import Bench
from eval.workbench.frame import Changes, Frame, Tab, fields_of, head_html, html_area, listen
from eval.workbench.marks import Subject
from eval.workbench.tabs.ask_tab import AskTab, ask_or_read, propose_case
from eval.workbench.tabs.cases_tab import MAX_BYTES, CasesTab, load_entries, matches
from eval.workbench.tabs.comparison_tab import ComparisonTab
from eval.workbench.tabs.marking_tab import MarkingTab, is_complete
from eval.workbench.tabs.runs_tab import RunsTab
from ingest.configuration.settings import Settings

# The report holds its style and script in itself and fetches nothing.
_REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
# Benches of this process; a server closes its own at its end, for a run would keep going.
_open: list[Bench] = []


def _bench(request: Request) -> Bench:
    return next(bench for bench in _open if bench.settings is server_state(request.app).settings)


@contextmanager
def _named_or_404() -> Iterator[None]:
    try:
        yield
    except EvalError as error:
        raise UserFacingError(HTTPStatus.NOT_FOUND, str(error)) from error


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    for bench in [opened for opened in _open if opened.settings is server_state(app).settings]:
        _open.remove(bench)
        await to_thread(bench.close)


router = APIRouter(prefix="/workbench", include_in_schema=False, lifespan=_lifespan)


@router.get("/marks.csv")
def marks_csv(request: Request, subject: str, other: str = "") -> Response:
    """Return all marks of a subject that the person has judged to the end; else only the person's own."""
    bench, person, of = _bench(request), current_person(request), Subject.of(subject, other)
    with _named_or_404():
        all_of_them = is_complete(bench, of, person)
    marks = bench.marks.given(of)
    # Which run a mark of an unfinished blind comparison prefers is still secret.
    shown = marks if all_of_them else [] if of.other else [one for one in marks if one.person == person.name]
    columns = ("item", "person", "mark", "note", "created")
    content = to_csv(columns, ([asdict(mark)[column] for column in columns] for mark in shown))
    return _download("marks.csv", CSV, content)


@router.get("/cases.{kind}")
def cases_file(request: Request, kind: Literal["xlsx", "jsonl"]) -> Response:
    """Return the cases that satisfy the filters of the tab as a table to edit."""
    fields = Fields(request.query_params.multi_items())
    with _named_or_404():
        entries = load_entries(_bench(request), fields.one("run"))
    content = write_cases({one.case.id: one.case for one in entries if matches(one, fields)}.values(), f".{kind}")
    return _download(f"cases.{kind}", "application/octet-stream", content)


@router.get("/draft.xlsx")
def draft_case(request: Request) -> Response:
    """Return the draft of a case about a recorded answer, or about a question asked now, as a table to edit."""
    fields = Fields(request.query_params.multi_items())
    rows = ask_or_read(_bench(request), fields)
    if not rows:
        raise UserFacingError(HTTPStatus.NOT_FOUND, "問いにする回答がありません。「尋ねる」から開き直してください。")
    asked = next((row for row in rows if (row.answer or {}).get("answer_id") == fields.one("answer")), rows[-1])
    return _download("draft.xlsx", "application/octet-stream", write_cases([propose_case(asked)], ".xlsx"))


def _download(name: str, media_type: str, content: bytes) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "x-content-type-options": "nosniff"}
    return Response(content, media_type=media_type, headers=headers)


@router.get("/report/{name}")
def report(name: str, request: Request) -> HTMLResponse:
    """Return the report of a run by name."""
    from eval.report.html_report import render_report  # noqa: PLC0415 -- only for this

    with _named_or_404():
        html = render_report(_bench(request).runs.load(name))
    return HTMLResponse(html, headers={"content-security-policy": _REPORT_POLICY, "x-content-type-options": "nosniff"})


STATIC = Path(__file__).parent / "static"
TABS: dict[str, tuple[str, Callable[[Frame], Tab]]] = {
    "runs": ("実行", RunsTab),
    "cases": ("問い", CasesTab),
    "marking": ("採点", MarkingTab),
    "comparison": ("比較", ComparisonTab),
    "ask": ("尋ねる", AskTab),
}
"""The tabs by the name that an address has for them: what each is called, and what builds it."""


def build_page(service: Service, settings: Settings) -> gr.Blocks:
    """Return the page, not yet mounted, over a bench that is closed when the server ends."""
    bench = Bench(service, settings)
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
    build=build_page,
    css=(STATIC / "workbench.css",),
    script=join_assets(STATIC, "browser.js", "gradio.js", "workbench.js"),
    router=router,
    bodies={"/workbench/gradio_api/upload": MAX_BYTES},
)
