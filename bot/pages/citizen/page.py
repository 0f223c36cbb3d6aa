"""Builds the citizen's page: its controls and their events."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

import gradio as gr

from bot.office import read_office
from bot.pages.citizen.conversation import Conversation
from bot.pages.citizen.event_handler import CitizenEventHandler
from bot.pages.citizen.render import CitizenRenderer
from bot.pages.page import Page
from bot.rendering.html.assets import join_assets
from bot.rendering.html.speech import Speech
from bot.runtime.service_interface import AnswerService
from ingest.configuration.settings import Settings

STATIC = Path(__file__).parent / "static"
SCRIPTS = ("browser.js", "gradio.js", "citizen.js")


def citizen_page(service: AnswerService, settings: Settings) -> gr.Blocks:
    """Return the page, not yet mounted. Raises OfficeError.

    What it shows came with the page and grows by what `change` brings, piece by piece: `gr.Chatbot` sends the whole
    conversation with each step of an answer, `gr.HTML` needs a policy that lets the page compile (decision 046), and
    `gr.Textbox` is there too late to be written in at once. Gradio carries the events: their queue, their streams, what
    is taken back, and the conversation, which stays with the server.
    """
    desk = _desk(service, settings)
    with gr.Blocks(title=settings.service_name, analytics_enabled=False) as page:
        conversation = gr.State(Conversation())
        change = gr.Markdown(sanitize_html=False, latex_delimiters=[], elem_id="change", visible="hidden")
        # What is asked or pressed: the page's script writes it here and presses the button.
        handed = gr.Textbox(label=" ", elem_id="handed", visible="hidden")
        named = ("ask", "open", "clear", "stop", "rate")
        pressed = {name: gr.Button("", elem_id=f"do-{name}", visible="hidden") for name in named}

        # An answer is there before its event has ended, and Gradio would drop what is sent in between.
        listen = partial(gr.on, api_visibility="private", show_progress="hidden", trigger_mode="multiple")
        changed = [conversation, change]
        opened = listen([pressed["open"].click], desk.open, [handed], changed)
        asked = listen([pressed["ask"].click], desk.ask, [handed, conversation], changed)
        listen([pressed["clear"].click], desk.clear, [conversation], changed, cancels=[asked, opened])
        listen([pressed["stop"].click], desk.stop)
        listen([pressed["rate"].click], desk.rate, [handed, conversation], changed)
    return cast("gr.Blocks", page)


def first_paint(service: AnswerService, settings: Settings) -> Callable[[Speech], str]:
    """Return what makes the page as it comes from the server. Raises OfficeError."""
    return _desk(service, settings).first


def _desk(service: AnswerService, settings: Settings) -> CitizenEventHandler:
    office = read_office(settings)
    by_model = bool(settings.llm or settings.llm_gguf)
    return CitizenEventHandler(service, office, CitizenRenderer(office, settings.max_question_chars, by_model=by_model))


CITIZEN = Page(
    path="/",
    title="",
    description="公開されている文書から、根拠を示して答えます。",
    build=citizen_page,
    css=(STATIC / "citizen.css",),
    first=first_paint,
    script=join_assets(STATIC, *SCRIPTS),
)
