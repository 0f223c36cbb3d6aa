"""Builds the citizens' chat from visible Gradio components, and connects their events."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, cast

import gradio as gr

from bot.answering.languages import LANGUAGES, catalogue
from bot.channels.html.display_preferences import DisplayPreferences
from bot.channels.html.markup import join_assets
from bot.channels.pages.citizen.citizen_renderer import MAX_COMMENT_CHARS, CitizenRenderer
from bot.channels.pages.citizen.conversation import Conversation, Welcome
from bot.channels.pages.citizen.event_handler import CitizenEventHandler, PageChange, RatingChange
from bot.channels.pages.mount import Page
from bot.running.office.office import read_office
from bot.running.service.service import Service
from ingest.configuration.settings import Settings

STATIC = Path(__file__).parent / "static"
SCRIPTS = ("browser.js", "gradio.js", "citizen.js", "kiosk.js")
# Of Markdown components that show HTML of the renderer.
_HTML: dict[str, Any] = {"sanitize_html": False, "latex_delimiters": []}


class _Components(NamedTuple):
    page: PageChange
    rating: RatingChange
    resumed: gr.Textbox  # the conversation of this browser window, which only the browser knows
    reopen: gr.Button  # its event opens the stream of messages again (citizen.js)


def citizen_page(service: Service, settings: Settings) -> gr.Blocks:
    """Return the chat, not yet mounted. Raises OfficeError.

    The conversation is kept on the server: no event sends the chat's messages back (decision 060).
    """
    office = read_office(settings)
    by_model = bool(settings.llm or settings.llm_gguf)
    renderer = CitizenRenderer(office, by_model=by_model)
    handler = CitizenEventHandler(service, office, renderer)
    with gr.Blocks(title=settings.service_name, analytics_enabled=False) as blocks:
        components = _add_components(handler.texts(DisplayPreferences(), Welcome()))
        _connect_events(blocks, components, handler)
    return cast("gr.Blocks", blocks)


def _add_components(texts: Mapping[str, Mapping[str, Any]]) -> _Components:
    conversation = gr.State(Conversation())
    with gr.Row(elem_id="bar"):
        name = gr.Markdown(**texts["name"], elem_id="name", **_HTML)
        end = gr.Button(**texts["end"], elem_id="end", visible="hidden", size="sm")
    with gr.Row(elem_id="tools"):
        languages = [(catalogue(language)["name"], language) for language in LANGUAGES]
        language = gr.Radio(languages, **texts["language"], elem_id="language")
        furigana = gr.Checkbox(**texts["furigana"], elem_id="furigana")
        size = gr.Radio(**texts["size"], elem_id="size")
    with gr.Row(elem_id="body"):
        with gr.Column(elem_id="log"):
            chat = gr.Chatbot(
                label=texts["chat"]["label"],
                show_label=False,
                elem_id="chat",
                layout="panel",
                height="auto",
                autoscroll=False,
                buttons=[],
                feedback_options=None,
                group_consecutive_messages=False,
                **_HTML,
            )
            stop = gr.Button(**texts["stop"], elem_id="stop", visible=False, size="sm")
            with gr.Row(elem_id="rating", visible=False) as rating:
                rating_label = gr.Markdown(**texts["rating_label"], elem_id="rating-label")
                up = gr.Button(**texts["up"], elem_id="up", size="sm")
                down = gr.Button(**texts["down"], elem_id="down", size="sm")
            with gr.Column(elem_id="reasons", visible=False) as why:
                reasons = gr.CheckboxGroup(**texts["reasons"], elem_id="reason-choices")
                comment = gr.Textbox(**texts["comment"], lines=2, max_length=MAX_COMMENT_CHARS, elem_id="comment")
                send = gr.Button(**texts["send"], variant="primary", elem_id="send-rating", size="sm")
            thanks = gr.Markdown(elem_id="thanks", **_HTML)
        scope = gr.Markdown(elem_id="scope", **_HTML)
    note = gr.Markdown(elem_id="note", **_HTML)
    with gr.Column(elem_id="dock"):
        town = gr.Button("", elem_id="town", visible="hidden", size="sm")
        problem = gr.Markdown(elem_id="problem", **_HTML)
        box = gr.Textbox(**texts["box"], max_lines=6, elem_id="box")
    spoken = gr.Markdown(elem_id="spoken", **_HTML)
    page = PageChange(
        conversation, name, end, language, furigana, size, chat, stop, rating_label, up, down, reasons, comment, send,
        scope, note, town, problem, box, spoken,
    )  # fmt: skip
    resumed = gr.Textbox(elem_id="resumed", visible="hidden", label=" ")
    reopen = gr.Button("", elem_id="reopen", visible="hidden")
    return _Components(page, RatingChange(rating, thanks, why, reasons, comment), resumed, reopen)


def _connect_events(blocks: gr.Blocks, components: _Components, handler: CitizenEventHandler) -> None:
    listen = partial(gr.on, api_visibility="private", show_progress="hidden")
    page = components.page
    conversation = page.conversation
    outputs = list(page)
    listen([blocks.load], handler.open, None, outputs)
    resuming = listen([components.resumed.change], handler.resume, [components.resumed, conversation], outputs)
    # One at a time; a question sent meanwhile stays in the box and is asked next.
    asking = listen(
        [page.box.submit, page.chat.example_select, page.chat.option_select],
        handler.ask,
        [page.box, conversation],
        outputs,
        trigger_mode="always_last",
        show_progress="minimal",
        show_progress_on=[page.chat],
    )
    choosing = listen([page.language.input], handler.choose_language, [page.language, conversation], outputs)
    listen([page.furigana.input], handler.choose_furigana, [page.furigana, conversation], outputs)
    listen([page.size.input], handler.choose_size, [page.size, conversation], outputs)
    listen([page.town.click], handler.remove_town, [conversation], outputs)
    listen([page.end.click], handler.end, [conversation], outputs, cancels=[asking, resuming, choosing])
    listen([page.stop.click], handler.stop)
    listen([components.reopen.click], lambda: None, trigger_mode="multiple")
    listen([conversation.change], handler.show_rating, [conversation], list(components.rating))
    listen([page.down.click], handler.ask_why, None, [components.rating.why])
    listen([page.up.click], handler.rate_up, [conversation], outputs)
    listen([page.send.click], handler.rate_down, [page.reasons, page.comment, conversation], outputs)


def unready_notice(settings: Settings) -> Callable[[DisplayPreferences], str]:
    """Return a renderer of the notice for readers whose scripts are off or do not load. Raises OfficeError."""
    return CitizenRenderer(read_office(settings)).unready


CITIZEN = Page(
    path="/",
    title="",
    description="公開されている文書から、根拠を示して答えます。",
    build=citizen_page,
    css=(STATIC / "citizen.css",),
    notice=unready_notice,
    script=join_assets(STATIC, *SCRIPTS),
)
