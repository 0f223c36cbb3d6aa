"""The workbench page in Gradio; the server renders a view for each address after the #."""

from asyncio import to_thread
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import cast

import gradio as gr
from fastapi import APIRouter, FastAPI

from bot.auth import current_person
from bot.errors import BotError
from bot.pages.page import Page
from bot.pages.views import PROBLEM, SAID, SCRIPTS, STYLE, Views
from bot.rendering.html.assets import join_assets
from bot.runtime.service_interface import AnswerService
from eval.errors import EvalError
from eval.workbench import downloads, reports
from eval.workbench.bench import Bench, open_bench
from eval.workbench.render import areas_html, head_html
from eval.workbench.views import VIEWS
from ingest.configuration.settings import Settings
from ingest.errors import IngestError

STATIC = Path(__file__).parent / "static"
# Those of this process; a server closes its own at its end, for the threads of a run would keep the process alive.
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
    views = Views(bench, VIEWS, (EvalError, BotError, IngestError))
    with gr.Blocks(title=bench.settings.service_name, analytics_enabled=False) as page:
        frame = partial(gr.HTML, js_on_load=None, apply_default_css=False)

        def head_of(request: gr.Request) -> str:
            """Draw what stands over the page: its name, the other pages, and who is there."""
            return head_html(bench.settings.service_name, current_person(request))

        head = frame(elem_id="head")
        frame(areas_html(), elem_id="frame")
        problem = frame("", elem_id="problem", html_template=PROBLEM)
        said = frame("", elem_id="said", html_template=SAID)
        content = frame(elem_id="content", js_on_load=join_assets(STATIC, *SCRIPTS))

        listen = partial(
            gr.on, outputs=[content, said, problem], api_visibility="private", show_progress="hidden", queue=True
        )
        gr.on([page.load], head_of, outputs=[head], api_visibility="private", show_progress="hidden")
        listen([content.select], views.show, trigger_mode="always_last")
        listen([content.submit], views.act, trigger_mode="multiple")
        listen([content.tick], views.redraw, trigger_mode="once")
    return cast("gr.Blocks", page)


WORKBENCH = Page(
    path="/workbench",
    title="評価の作業台",
    description="回答の質を測り、採点し、直す人のための画面です。",
    build=workbench_page,
    css=(STYLE, STATIC / "workbench.css"),
    router=router,
)
