"""What an event changes on the citizens' chat."""

from typing import Any, NamedTuple

import gradio as gr

SKIP = gr.skip()


class PageChange(NamedTuple):
    """A new value or update for each output of an event, in order; by default unchanged."""

    conversation: Any = SKIP
    name: Any = SKIP
    end: Any = SKIP
    language: Any = SKIP
    furigana: Any = SKIP
    size: Any = SKIP
    chat: Any = SKIP
    stop: Any = SKIP
    rating_label: Any = SKIP
    up: Any = SKIP
    down: Any = SKIP
    reasons: Any = SKIP
    comment: Any = SKIP
    send: Any = SKIP
    scope: Any = SKIP
    note: Any = SKIP
    town: Any = SKIP
    problem: Any = SKIP
    box: Any = SKIP
    spoken: Any = SKIP


class RatingChange(NamedTuple):
    """What asks for a rating of the last answer, or thanks for it; the form for reasons is closed and empty.

    It is an event of its own: Gradio loses a change of visibility that follows another change too soon.
    """

    rating: Any
    thanks: Any
    why: Any = gr.update(visible=False)
    reasons: Any = gr.update(value=[])
    comment: Any = ""
