"""Builds the console page: its parts and their events."""

from functools import partial
from pathlib import Path
from typing import cast

import gradio as gr

from bot.pages.page import Page
from bot.pages.staff import render, usage_report
from bot.pages.staff.call import Call
from bot.pages.staff.documents import LARGEST_MB
from bot.pages.staff.event_handler import ConsoleEventHandler
from bot.pages.staff.routes import UPLOAD, router
from bot.pages.views import PROBLEM, SAID, SCRIPTS, STYLE
from bot.rendering.html.assets import join_assets
from bot.runtime.service_interface import AnswerService
from ingest.configuration.settings import Settings

STATIC = Path(__file__).parent / "static"
router.include_router(usage_report.router)
SPOKEN = '<div role="status" class="unseen">${value}</div>'


def staff_page(service: AnswerService, settings: Settings) -> gr.Blocks:
    """Return the page, not yet mounted."""
    desk = ConsoleEventHandler(service, settings)
    html = partial(gr.HTML, js_on_load=None, apply_default_css=False)
    with gr.Blocks(title=settings.service_name, analytics_enabled=False) as page:
        call = gr.State(Call())
        head = html(elem_id="head")
        html(render.frame(), elem_id="frame")
        html(render.question_form(settings.max_question_chars), elem_id="asking")
        problem = html("", elem_id="problem", html_template=PROBLEM)
        said = html("", elem_id="said", html_template=SAID)
        content = html(elem_id="content", js_on_load=join_assets(STATIC, *SCRIPTS))
        spoken = html("", elem_id="spoken", html_template=SPOKEN)

        changed = [call, content, said, problem, spoken]
        listen = partial(gr.on, inputs=[call], outputs=changed, api_visibility="private", show_progress="hidden")
        gr.on([page.load], desk.head, outputs=[head], api_visibility="private", show_progress="hidden")
        # One that was given up still counts as running: the page itself asks nothing twice.
        asked = listen([content.submit], desk.act, trigger_mode="multiple")
        listen([content.select], desk.show, cancels=[asked], trigger_mode="always_last")
        listen([content.stop], desk.stop, cancels=[asked])
        listen([content.clear], desk.clear, inputs=None, cancels=[asked])
    return cast("gr.Blocks", page)


STAFF = Page(
    path="/staff",
    title="職員",
    description="回答、見つかった箇所、文書を並べて示します。",
    build=staff_page,
    css=(STYLE, STATIC / "staff.css"),
    router=router,
    bodies={UPLOAD: LARGEST_MB * 1_000_000},
)
