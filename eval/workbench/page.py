"""Builds the testers' workbench from visible Gradio components: a head, a message, and one tab per task."""

from asyncio import to_thread
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import gradio as gr
from fastapi import APIRouter, FastAPI

from bot.auth import current_person
from bot.http.form_fields import Fields
from bot.pages.page import Page
from bot.rendering.html.assets import join_assets
from bot.runtime.service_interface import AnswerService
from eval.workbench import downloads, reports
from eval.workbench.bench import Bench, open_bench
from eval.workbench.frame import Frame, Tab, fields_of, html_area
from eval.workbench.html import head_html
from eval.workbench.tabs.ask import ask_tab
from eval.workbench.tabs.blind import blind_tab
from eval.workbench.tabs.cases import cases_tab
from eval.workbench.tabs.comparison import comparison_tab
from eval.workbench.tabs.models import models_tab
from eval.workbench.tabs.runs import runs_tab
from eval.workbench.tabs.scoring import scoring_tab
from eval.workbench.tabs.verdicts import verdicts_tab
from ingest.configuration.settings import Settings

STATIC = Path(__file__).parent / "static"
TABS = {
    "runs": ("実行", runs_tab),
    "cases": ("問い", cases_tab),
    "scoring": ("採点", scoring_tab),
    "comparison": ("比較", comparison_tab),
    "blind": ("目かくし", blind_tab),
    "models": ("モデル", models_tab),
    "verdicts": ("集計", verdicts_tab),
    "ask": ("尋ねる", ask_tab),
}
"""The tabs by the name that an address has for them: what each is called, and what builds it."""
# Benches of this process; a server closes its own at its end, for the threads of a run would keep the process alive.
_open: list[Bench] = []


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    for bench in [one for one in _open if one.settings is app.state.settings]:
        _open.remove(bench)
        await to_thread(bench.close)


router = APIRouter(prefix="/workbench", include_in_schema=False, lifespan=_lifespan)
for part in (downloads, reports):
    router.include_router(part.router)


def workbench_page(service: AnswerService, settings: Settings) -> gr.Blocks:
    """Return the page, not yet mounted."""
    return build_page(open_bench(service, settings))


def build_page(bench: Bench) -> gr.Blocks:
    """Return the page over an open bench, which is closed when the server ends."""
    _open.append(bench)
    with gr.Blocks(title=bench.settings.service_name, analytics_enabled=False) as page:
        head = html_area(elem_id="head")
        # Gradio reports a tab that the server selects as well: what an address opened is not opened anew.
        arriving = gr.State("")
        message = html_area(elem_id="message")
        frame = Frame(bench, message)
        tabs, items = {}, {}
        with gr.Tabs(selected="runs", elem_id="tabs") as bar:
            for name, (label, build) in TABS.items():
                with gr.Tab(label, id=name, elem_id=f"tab-{name}") as items[name]:
                    tabs[name] = build(frame)

        def open_address(request: gr.Request) -> list[Any]:
            """Open the tab that the address names, as it asks for."""
            person, at = current_person(request), Fields(request.query_params.multi_items())
            wanted = at.one("tab", "runs")
            wanted = wanted if wanted in tabs else "runs"
            opened = frame.open(tabs[wanted], person, at)
            values: list[Any] = []
            for name, tab in tabs.items():
                values += opened[:-1] if name == wanted else [gr.skip()] * len(tab.outputs)
            return [
                head_html(bench.settings.service_name, person),
                gr.Tabs(selected=wanted),
                *values,
                opened[-1],
                wanted,
            ]

        listen = partial(gr.on, api_visibility="private", show_progress="hidden")
        outputs = [one for tab in tabs.values() for one in tab.outputs]
        listen([page.load], open_address, None, [head, bar, *outputs, message, arriving])
        for name, tab in tabs.items():
            changed = [*tab.outputs, message, arriving]
            listen([items[name].select], _visit(frame, tab), [arriving, *tab.fields.values()], changed)
    return cast("gr.Blocks", page)


def _visit(frame: Frame, tab: Tab) -> Callable[..., list[Any]]:
    """Return what opens a tab that somebody selects, for what its fields say then."""

    def visit(request: gr.Request, arriving: str, *values: Any) -> list[Any]:
        if arriving == tab.name:
            return [*[gr.skip()] * len(tab.outputs), gr.skip(), ""]
        return [*frame.open(tab, current_person(request), fields_of(tab.fields, values)), ""]

    return visit


WORKBENCH = Page(
    path="/workbench",
    title="評価の作業台",
    description="回答の質を測り、採点し、直す人のための画面です。",
    build=workbench_page,
    css=(STATIC / "workbench.css",),
    script=join_assets(STATIC, "browser.js", "gradio.js", "workbench.js"),
    router=router,
)
