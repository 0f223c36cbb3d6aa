"""What one event changes on the citizens' chat."""

from typing import Any, NamedTuple

import gradio as gr

SKIP = gr.skip()


class PageChange(NamedTuple):
    """A new value or update for each output of an event, in their order; what is left out stays as it is."""

    conversation: Any = SKIP
    name: Any = SKIP
    again: Any = SKIP
    language: Any = SKIP
    furigana: Any = SKIP
    size: Any = SKIP
    chat: Any = SKIP
    stop: Any = SKIP
    rating: Any = SKIP
    rating_label: Any = SKIP
    up: Any = SKIP
    down: Any = SKIP
    why: Any = SKIP
    reasons: Any = SKIP
    comment: Any = SKIP
    send: Any = SKIP
    thanks: Any = SKIP
    scope: Any = SKIP
    note: Any = SKIP
    problem: Any = SKIP
    box: Any = SKIP
    spoken: Any = SKIP
