"""The citizen's page: which controls it has and what they set off."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

import gradio as gr

from bot.answering import Answering
from bot.model.named import named_models
from bot.office import read_office
from bot.ui.citizen.conversation import Conversation
from bot.ui.citizen.desk import Desk
from bot.ui.citizen.render import Render
from bot.ui.page import Page
from bot.ui.script import script
from bot.ui.speech import Speech
from ingest.settings import Settings

STATIC = Path(__file__).parent / "static"
SHARED_SCRIPTS = ("stores.js", "copied.js", "unreached.js", "built.js")
SCRIPTS = ("talk.js", "entry.js", "voice.js", "sources.js", "reach.js", "page.js")


def citizen_page(service: Answering, settings: Settings) -> gr.Blocks:
    """Return the page, not yet mounted. Raises OfficeError.

    What it shows came with the page and grows by what `change` brings, piece by piece: `gr.Chatbot` sends the whole
    conversation with each step of an answer, `gr.HTML` needs a policy that lets the page compile (eval/LOG.md,
    2026-11-21).
    """
    desk = _desk(service, settings)
    render = Render(read_office(settings), settings.max_question_chars)
    with gr.Blocks(title=settings.service_name, analytics_enabled=False) as page:
        conversation = gr.State(Conversation())
        with gr.Column(elem_id="dock"), gr.Row(elem_id="entry"):
            question = gr.Textbox(lines=1, max_lines=6, elem_id="question", **render.box(Speech()))
            send = gr.Button(render.send(Speech()), variant="primary", elem_id="send")
        change = gr.Markdown(sanitize_html=False, latex_delimiters=[], elem_id="change", visible="hidden")
        # What is pressed in an answer: the page's script writes it here and presses the button.
        handed = gr.Textbox(label=" ", elem_id="handed", visible="hidden")
        named = ("open", "clear", "stop", "rate")
        pressed = {name: gr.Button("", elem_id=f"do-{name}", visible="hidden") for name in named}

        # An answer is there before its event has ended, and Gradio would drop what is sent in between.
        listen = partial(gr.on, api_visibility="private", show_progress="hidden", trigger_mode="multiple")
        all_of_it = [conversation, change]
        opened = listen([pressed["open"].click], desk.open, [handed], all_of_it)
        asked = listen([send.click, question.submit], desk.ask, [question, conversation], all_of_it)
        listen([pressed["clear"].click], desk.clear, [conversation], all_of_it, cancels=[asked, opened])
        listen([pressed["stop"].click], desk.stop)
        listen([pressed["rate"].click], desk.rate, [handed, conversation], all_of_it)
    return cast("gr.Blocks", page)


def first_paint(service: Answering, settings: Settings) -> Callable[[Speech], str]:
    """Return what makes the page as it comes from the server. Raises OfficeError."""
    return _desk(service, settings).first


def _desk(service: Answering, settings: Settings) -> Desk:
    office = read_office(settings)
    by_model = bool(named_models(settings) or settings.llm_gguf)
    return Desk(service, office, Render(office, settings.max_question_chars, by_model=by_model), settings)


CITIZEN = Page(
    path="/",
    title="",
    description="計画や会議の資料から、根拠を示して答えます。",
    build=citizen_page,
    css=(STATIC / "citizen.css",),
    first=first_paint,
    script=script(STATIC, *SHARED_SCRIPTS, *SCRIPTS),
)
