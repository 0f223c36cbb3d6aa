"""The console: which parts it has and what they set off."""

from functools import partial
from pathlib import Path
from typing import cast

import gradio as gr

from bot.answering import Answering
from bot.ui.page import Page
from bot.ui.script import script
from bot.ui.staff import render
from bot.ui.staff.call import Call
from bot.ui.staff.desk import Desk
from bot.ui.staff.routes import LARGEST_MB, UPLOAD, router
from ingest.read import SUFFIXES
from ingest.settings import Settings

STATIC = Path(__file__).parent / "static"
SHARED_SCRIPTS = ("stores.js", "copied.js", "unreached.js", "built.js", "resting.js", "days.js")
SCRIPTS = ("telling.js", "asking.js", "sources.js", "copying.js", "keys.js", "views.js", "documents.js", "result.js")
# A live region has to be in the page before its text is: what comes later is then read out, once.
SPOKEN = '<div role="status" class="unseen">${value}</div>'
PROBLEM = '<p id="told" role="status"></p><div role="alert">${value}</div>'


def staff_page(service: Answering, settings: Settings) -> gr.Blocks:
    """Return the page, not yet mounted."""
    desk = Desk(service, settings)
    html = partial(gr.HTML, js_on_load=None, apply_default_css=False)
    with gr.Blocks(title=settings.service_name, analytics_enabled=False) as page:
        call = gr.State(Call())
        bar = html(elem_id="bar")
        html(render.asking(settings.max_question_chars), elem_id="asking")
        problem = html("", elem_id="problem", html_template=PROBLEM)
        history = html(elem_id="history")
        result = html(elem_id="result", js_on_load=script(STATIC, *SHARED_SCRIPTS, *SCRIPTS))
        html(render.documents_view(SUFFIXES, LARGEST_MB), elem_id="documents")
        html(render.keys(), elem_id="keys")
        spoken = html("", elem_id="spoken", html_template=SPOKEN)

        changed = [call, bar, result, history, problem, spoken]
        listen = partial(gr.on, outputs=changed, api_visibility="private", show_progress="hidden")
        listen([result.apply], desk.open)
        # One that was given up still counts as running: the page itself asks nothing twice.
        asked = listen([result.submit], desk.ask, inputs=[call], trigger_mode="multiple")
        listen([result.stop], desk.stop, inputs=[call], cancels=[asked])
        listen([result.select], desk.jump, inputs=[call])
        listen([result.expand], desk.compare, inputs=[call])
        listen([result.like], desk.report, inputs=[call])
        listen([result.clear], desk.clear, cancels=[asked])
    return cast("gr.Blocks", page)


STAFF = Page(
    path="/staff",
    title="職員",
    description="回答、見つかった箇所、文書を並べて示します。",
    build=staff_page,
    css=(STATIC / "staff.css",),
    router=router,
    bodies={UPLOAD: LARGEST_MB * 1_000_000},
)
