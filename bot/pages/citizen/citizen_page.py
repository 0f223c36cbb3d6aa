"""Builds the citizens' chat from visible Gradio components, and connects their events."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import gradio as gr

from bot.languages import LANGUAGES, catalogue
from bot.office import read_office
from bot.pages.citizen.citizen_renderer import MAX_COMMENT_CHARS, CitizenRenderer
from bot.pages.citizen.conversation import Conversation
from bot.pages.citizen.event_handler import CitizenEventHandler
from bot.pages.citizen.page_change import PageChange, RatingChange
from bot.pages.page_interface import Page
from bot.rendering.html.assets import join_assets
from bot.rendering.html.display_preferences import SIZES, DisplayPreferences
from bot.runtime.service_interface import AnswerService
from ingest.configuration.settings import Settings

STATIC = Path(__file__).parent / "static"
SCRIPTS = ("browser.js", "gradio.js", "citizen.js", "kiosk.js")


def citizen_page(service: AnswerService, settings: Settings) -> gr.Blocks:  # noqa: PLR0915 - one statement a component
    """Return the chat, not yet mounted. Raises OfficeError.

    The conversation is kept on the server: no event sends the chat's messages back (decision 060).
    """
    office = read_office(settings)
    by_model = bool(settings.llm or settings.llm_gguf)
    renderer = CitizenRenderer(office, settings.max_question_chars, by_model=by_model)
    handler = CitizenEventHandler(service, office, renderer)
    w = catalogue()
    html: dict[str, Any] = {"sanitize_html": False, "latex_delimiters": []}
    with gr.Blocks(title=settings.service_name, analytics_enabled=False) as page:
        conversation = gr.State(Conversation())
        with gr.Row(elem_id="bar"):
            name = gr.Markdown(renderer.name(DisplayPreferences()), elem_id="name", **html)
            end = gr.Button(w["bar"]["end"], elem_id="end", visible="hidden", size="sm")
        with gr.Row(elem_id="tools"):
            languages = [(catalogue(one)["name"], one) for one in LANGUAGES]
            language = gr.Radio(languages, value="ja", label=w["bar"]["speech"], elem_id="language")
            furigana = gr.Checkbox(label=w["bar"]["furigana"], elem_id="furigana")
            steps = [(w["bar"][f"size_{step}"], step) for step in SIZES]
            size = gr.Radio(steps, value=SIZES[0], label=w["bar"]["size"], elem_id="size")
        with gr.Row(elem_id="body"):
            with gr.Column(elem_id="log"):
                chat = gr.Chatbot(
                    label=w["entry"]["label"],
                    show_label=False,
                    elem_id="chat",
                    layout="panel",
                    height="auto",
                    autoscroll=False,
                    buttons=[],
                    feedback_options=None,
                    group_consecutive_messages=False,
                    **html,
                )
                stop = gr.Button(w["answer"]["enough"], elem_id="stop", visible=False, size="sm")
                with gr.Row(elem_id="rating", visible=False) as rating:
                    rating_label = gr.Markdown(w["feedback"]["ask"], elem_id="rating-label")
                    up = gr.Button(w["feedback"]["up"], elem_id="up", size="sm")
                    down = gr.Button(w["feedback"]["down"], elem_id="down", size="sm")
                with gr.Column(elem_id="reasons", visible=False) as why:
                    reasons = gr.CheckboxGroup(label=w["feedback"]["why"], elem_id="reason-choices")
                    comment = gr.Textbox(
                        label=w["feedback"]["comment"], lines=2, max_length=MAX_COMMENT_CHARS, elem_id="comment"
                    )
                    send = gr.Button(w["feedback"]["send"], variant="primary", elem_id="send-rating", size="sm")
                thanks = gr.Markdown(elem_id="thanks", **html)
            scope = gr.Markdown(elem_id="scope", **html)
        note = gr.Markdown(elem_id="note", **html)
        with gr.Column(elem_id="dock"):
            town = gr.Button("", elem_id="town", visible="hidden", size="sm")
            problem = gr.Markdown(elem_id="problem", **html)
            box = gr.Textbox(
                label=w["entry"]["label"],
                placeholder=w["entry"]["placeholder"],
                submit_btn=w["entry"]["send"],
                max_lines=6,
                elem_id="box",
            )
        spoken = gr.Markdown(elem_id="spoken", **html)
        # What only the browser knows: the conversation of this window, and a question pressed within an answer.
        resumed = gr.Textbox(elem_id="resumed", visible="hidden", label=" ")
        pressed = gr.Textbox(elem_id="pressed", visible="hidden", label=" ")

        changed = list(
            PageChange(
                conversation=conversation,
                name=name,
                end=end,
                language=language,
                furigana=furigana,
                size=size,
                chat=chat,
                stop=stop,
                rating_label=rating_label,
                up=up,
                down=down,
                reasons=reasons,
                comment=comment,
                send=send,
                scope=scope,
                note=note,
                town=town,
                problem=problem,
                box=box,
                spoken=spoken,
            )
        )
        listen = partial(gr.on, api_visibility="private", show_progress="hidden")
        listen([page.load], handler.open, None, changed)
        resuming = listen([resumed.change], handler.resume, [resumed, conversation], changed)
        # One at a time; a question sent meanwhile stays in the box and is asked next.
        asking = listen(
            [box.submit, chat.example_select, chat.option_select, pressed.change],
            handler.ask,
            [box, pressed, conversation],
            changed,
            trigger_mode="always_last",
            show_progress="minimal",
            show_progress_on=[chat],
        )
        choosing = listen([language.input], handler.choose_language, [language, conversation], changed)
        listen([furigana.input], handler.choose_furigana, [furigana, conversation], changed)
        listen([size.input], handler.choose_size, [size, conversation], changed)
        listen([town.click], handler.remove_town, [conversation], changed)
        listen([end.click], handler.end, [conversation], changed, cancels=[asking, resuming, choosing])
        rating_parts = RatingChange(rating=rating, thanks=thanks, why=why, reasons=reasons, comment=comment)
        listen([conversation.change], handler.show_rating, [conversation], list(rating_parts))
        listen([stop.click], handler.stop)
        listen([down.click], handler.ask_why, None, [why])
        listen([up.click], handler.rate_up, [conversation], changed)
        listen([send.click], handler.rate_down, [reasons, comment, conversation], changed)
    return cast("gr.Blocks", page)


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
