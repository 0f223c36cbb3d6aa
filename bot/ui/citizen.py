"""The citizen's page: which controls it has and what they set off."""

from functools import partial
from pathlib import Path
from typing import cast

import gradio as gr

from bot.answering import Answering
from bot.ui.conversation import Conversation
from bot.ui.desk import Desk
from bot.ui.render import masthead_html
from ingest.settings import Settings

STATIC = Path(__file__).parent / "static"
# The first line is for what the page has to say when the server does not answer any more.
NOTE = (
    '<p id="unreached" role="alert"></p>'
    "<p>回答は機械が作ります。<strong>正しいのは文書です。</strong>根拠を開いて確かめてください。</p>"
)
# A live region has to be in the page before its text is: what comes later is then read out, once.
SPOKEN = '<div role="status" class="unseen">${value}</div>'
PROBLEM = '<div role="alert">${value}</div>'


def citizen_page(service: Answering, settings: Settings) -> gr.Blocks:
    """Return the page, not yet mounted."""
    desk = Desk(service, settings)
    with gr.Blocks(title=settings.service_name, analytics_enabled=False) as page:
        conversation = gr.State(Conversation())
        with gr.Row(elem_id="masthead"):
            gr.HTML(masthead_html(settings.service_name), elem_id="name", js_on_load=None)
            again = gr.Button("新しい質問", elem_id="again", visible=False)
        log = gr.HTML(elem_id="log", js_on_load=(STATIC / "chat.js").read_text("utf-8"), apply_default_css=False)
        with gr.Column(elem_id="dock"):
            problem = gr.HTML("", elem_id="problem", html_template=PROBLEM, js_on_load=None)
            with gr.Row(elem_id="entry"):
                question = gr.Textbox(
                    label="質問", placeholder="知りたいこと", lines=1, max_lines=6, elem_id="question"
                )
                send = gr.Button("送る", variant="primary", elem_id="send")
            gr.HTML(NOTE, elem_id="note", js_on_load=None)
        spoken = gr.HTML("", elem_id="spoken", html_template=SPOKEN, js_on_load=None)

        changed = [conversation, log, question, problem, spoken, again]
        listen = partial(gr.on, outputs=changed, api_visibility="private", show_progress="hidden")
        listen([page.load], desk.open)
        asked = listen([send.click, question.submit, log.select], desk.ask, inputs=[question, conversation])
        listen([again.click], desk.clear, cancels=asked)
        listen([log.like], desk.rate, inputs=[conversation])
    return cast("gr.Blocks", page)
