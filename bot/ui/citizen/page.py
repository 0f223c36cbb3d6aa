"""The citizen's page: which controls it has and what they set off."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

import gradio as gr

from bot.answering import Answering
from bot.office import read_office
from bot.ui.citizen.conversation import Conversation
from bot.ui.citizen.desk import Desk
from bot.ui.citizen.render import Render
from bot.ui.citizen.welcome import Welcoming
from bot.ui.page import Page
from bot.ui.script import script
from ingest.settings import Settings

STATIC = Path(__file__).parent / "static"
BAR_SCRIPTS = ("stores.js", "kept.js", "bar.js")
SHARED_SCRIPTS = ("stores.js", "copied.js", "unreached.js", "built.js")
SCRIPTS = ("kept.js", "said.js", "entry.js", "voice.js", "sources.js", "copy.js", "reach.js", "log.js")
# A live region has to be in the page before its text is: what comes later is then read out, once.
SPOKEN = '<div role="status" class="unseen">${value}</div>'
PROBLEM = '<p id="unreached" role="alert"></p><div role="alert">${value}</div>'
COUNTER = '<p id="counter" hidden></p><p id="too-long" role="status"></p>'


def citizen_page(service: Answering, settings: Settings) -> gr.Blocks:
    """Return the page, not yet mounted. Raises OfficeError."""
    render = Render(read_office(settings), settings.max_question_chars)
    desk = Desk(service, render, settings)
    begun = Conversation()
    with gr.Blocks(title=settings.service_name, analytics_enabled=False) as page:
        conversation = gr.State(begun)
        bar = gr.HTML(
            render.bar(begun), elem_id="bar", js_on_load=script(STATIC, *BAR_SCRIPTS), apply_default_css=False
        )
        log = gr.HTML(elem_id="log", js_on_load=script(STATIC, *SHARED_SCRIPTS, *SCRIPTS), apply_default_css=False)
        note = gr.HTML(render.note(begun.speech), elem_id="note", js_on_load=None, apply_default_css=False)
        with gr.Column(elem_id="dock"):
            problem = gr.HTML("", elem_id="problem", html_template=PROBLEM, js_on_load=None, apply_default_css=False)
            with gr.Row(elem_id="entry"):
                question = gr.Textbox(lines=1, max_lines=6, elem_id="question", **render.box(begun.speech))
                send = gr.Button(render.send(begun.speech), variant="primary", elem_id="send")
            gr.HTML(COUNTER, elem_id="length", js_on_load=None, apply_default_css=False)
        spoken = gr.HTML("", elem_id="spoken", html_template=SPOKEN, js_on_load=None, apply_default_css=False)

        changed = [conversation, bar, log, question, send, problem, note, spoken]
        listen = partial(gr.on, outputs=changed, api_visibility="private", show_progress="hidden")
        # Not `load`: that one Gradio sets off by itself, too, without what the browser has kept.
        listen([log.expand], desk.open)
        asked = listen([send.click, question.submit, log.select], desk.ask, inputs=[question, conversation])
        spoken_to = listen([bar.select], desk.speak, inputs=[conversation])
        listen([bar.clear], desk.clear, inputs=[conversation], cancels=[asked, spoken_to])
        log.stop(desk.stop, api_visibility="private", show_progress="hidden")
        listen([log.like], desk.rate, inputs=[conversation])
    return cast("gr.Blocks", page)


def first_paint(service: Answering, settings: Settings) -> Callable[[], str]:
    """Return what makes the page as it is shown until Gradio has built it. Raises OfficeError."""
    render = Render(read_office(settings), settings.max_question_chars)
    welcoming = Welcoming(service)
    return lambda: render.first(welcoming.now())


CITIZEN = Page(
    path="/",
    title="",
    description="計画や会議の資料から、根拠を示して答えます。",
    build=citizen_page,
    css=(STATIC / "citizen.css",),
    first=first_paint,
)
