"""Builds the citizens' chat from visible Gradio components, and connects their events."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import gradio as gr

from bot.languages import LANGUAGES, catalogue
from bot.office import read_office
from bot.pages.citizen.citizen_renderer import MAX_COMMENT_CHARS, CitizenRenderer
from bot.pages.citizen.conversation import Conversation
from bot.pages.citizen.event_handler import CitizenEventHandler, PageChange, RatingChange
from bot.pages.page_interface import Page
from bot.rendering.html.display_preferences import SIZES, DisplayPreferences
from bot.rendering.html.markup import join_assets
from bot.service import Service
from ingest.configuration.settings import Settings

STATIC = Path(__file__).parent / "static"
SCRIPTS = ("browser.js", "gradio.js", "citizen.js", "kiosk.js")
# Of Markdown components that show HTML of the renderer.
_HTML: dict[str, Any] = {"sanitize_html": False, "latex_delimiters": []}


@dataclass(frozen=True, slots=True)
class _Components:
    """The components of the chat.

    Attributes:
        page: those that an event may change.
        rating: those that ask for a rating.
        resumed: the conversation of this browser window, which only the browser knows.
        pressed: a question pressed within an answer.
    """

    page: PageChange
    rating: RatingChange
    resumed: gr.Textbox
    pressed: gr.Textbox


def citizen_page(service: Service, settings: Settings) -> gr.Blocks:
    """Return the chat, not yet mounted. Raises OfficeError.

    The conversation is kept on the server: no event sends the chat's messages back (decision 060).
    """
    office = read_office(settings)
    by_model = bool(settings.llm or settings.llm_gguf)
    renderer = CitizenRenderer(office, settings.max_question_chars, by_model=by_model)
    handler = CitizenEventHandler(service, office, renderer)
    with gr.Blocks(title=settings.service_name, analytics_enabled=False) as blocks:
        components = _add_components(renderer)
        _connect_opening(blocks, components, handler)
        _connect_rating(components, handler)
    return cast("gr.Blocks", blocks)


def _add_components(renderer: CitizenRenderer) -> _Components:
    conversation = gr.State(Conversation())
    bar = _add_bar(renderer)
    with gr.Row(elem_id="body"):
        with gr.Column(elem_id="log"):
            chat = _add_chat()
            rating, rating_texts = _add_rating()
        scope = gr.Markdown(elem_id="scope", **_HTML)
    note = gr.Markdown(elem_id="note", **_HTML)
    dock = _add_dock()
    spoken = gr.Markdown(elem_id="spoken", **_HTML)
    page = PageChange(
        conversation=conversation, **bar, **chat, **rating_texts, scope=scope, note=note, **dock, spoken=spoken
    )
    resumed = gr.Textbox(elem_id="resumed", visible="hidden", label=" ")
    pressed = gr.Textbox(elem_id="pressed", visible="hidden", label=" ")
    return _Components(page, rating, resumed, pressed)


def _add_bar(renderer: CitizenRenderer) -> dict[str, Any]:
    bar = catalogue()["bar"]
    with gr.Row(elem_id="bar"):
        name = gr.Markdown(renderer.name(DisplayPreferences()), elem_id="name", **_HTML)
        end = gr.Button(bar["end"], elem_id="end", visible="hidden", size="sm")
    with gr.Row(elem_id="tools"):
        languages = [(catalogue(language)["name"], language) for language in LANGUAGES]
        language = gr.Radio(languages, value="ja", label=bar["speech"], elem_id="language")
        furigana = gr.Checkbox(label=bar["furigana"], elem_id="furigana")
        sizes = [(bar[f"size_{size}"], size) for size in SIZES]
        size = gr.Radio(sizes, value=SIZES[0], label=bar["size"], elem_id="size")
    return {"name": name, "end": end, "language": language, "furigana": furigana, "size": size}


def _add_chat() -> dict[str, Any]:
    words = catalogue()
    chat = gr.Chatbot(
        label=words["entry"]["label"],
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
    stop = gr.Button(words["answer"]["enough"], elem_id="stop", visible=False, size="sm")
    return {"chat": chat, "stop": stop}


def _add_rating() -> tuple[RatingChange, dict[str, Any]]:
    words = catalogue()["feedback"]
    with gr.Row(elem_id="rating", visible=False) as rating:
        rating_label = gr.Markdown(words["ask"], elem_id="rating-label")
        up = gr.Button(words["up"], elem_id="up", size="sm")
        down = gr.Button(words["down"], elem_id="down", size="sm")
    with gr.Column(elem_id="reasons", visible=False) as why:
        reasons = gr.CheckboxGroup(label=words["why"], elem_id="reason-choices")
        comment = gr.Textbox(label=words["comment"], lines=2, max_length=MAX_COMMENT_CHARS, elem_id="comment")
        send = gr.Button(words["send"], variant="primary", elem_id="send-rating", size="sm")
    thanks = gr.Markdown(elem_id="thanks", **_HTML)
    texts = {
        "rating_label": rating_label,
        "up": up,
        "down": down,
        "reasons": reasons,
        "comment": comment,
        "send": send,
    }
    return RatingChange(rating=rating, thanks=thanks, why=why, reasons=reasons, comment=comment), texts


def _add_dock() -> dict[str, Any]:
    entry = catalogue()["entry"]
    with gr.Column(elem_id="dock"):
        town = gr.Button("", elem_id="town", visible="hidden", size="sm")
        problem = gr.Markdown(elem_id="problem", **_HTML)
        box = gr.Textbox(
            label=entry["label"],
            placeholder=entry["placeholder"],
            submit_btn=entry["send"],
            max_lines=6,
            elem_id="box",
        )
    return {"town": town, "problem": problem, "box": box}


_listen = partial(gr.on, api_visibility="private", show_progress="hidden")


def _connect_opening(blocks: gr.Blocks, components: _Components, handler: CitizenEventHandler) -> None:
    page = components.page
    conversation = page.conversation
    outputs = list(page)
    _listen([blocks.load], handler.open, None, outputs)
    resuming = _listen([components.resumed.change], handler.resume, [components.resumed, conversation], outputs)
    # One at a time; a question sent meanwhile stays in the box and is asked next.
    asking = _listen(
        [page.box.submit, page.chat.example_select, page.chat.option_select, components.pressed.change],
        handler.ask,
        [page.box, components.pressed, conversation],
        outputs,
        trigger_mode="always_last",
        show_progress="minimal",
        show_progress_on=[page.chat],
    )
    choosing = _listen([page.language.input], handler.choose_language, [page.language, conversation], outputs)
    _listen([page.furigana.input], handler.choose_furigana, [page.furigana, conversation], outputs)
    _listen([page.size.input], handler.choose_size, [page.size, conversation], outputs)
    _listen([page.town.click], handler.remove_town, [conversation], outputs)
    _listen([page.end.click], handler.end, [conversation], outputs, cancels=[asking, resuming, choosing])
    _listen([page.stop.click], handler.stop)


def _connect_rating(components: _Components, handler: CitizenEventHandler) -> None:
    page = components.page
    conversation = page.conversation
    outputs = list(page)
    _listen([conversation.change], handler.show_rating, [conversation], list(components.rating))
    _listen([page.down.click], handler.ask_why, None, [components.rating.why])
    _listen([page.up.click], handler.rate_up, [conversation], outputs)
    _listen([page.send.click], handler.rate_down, [page.reasons, page.comment, conversation], outputs)


def unready_notice(settings: Settings) -> Callable[[DisplayPreferences], str]:
    """Return a renderer of the notice for readers whose scripts are off or do not load. Raises OfficeError."""
    return CitizenRenderer(read_office(settings), settings.max_question_chars).unready


CITIZEN = Page(
    path="/",
    title="",
    description="公開されている文書から、根拠を示して答えます。",
    build=citizen_page,
    css=(STATIC / "citizen.css",),
    notice=unready_notice,
    script=join_assets(STATIC, *SCRIPTS),
)
