"""Renders answers and what is known about them as HTML, from templates with escaping."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from pydantic import TypeAdapter

from bot.auth import SignedInPerson
from bot.auth.access import PAGES
from bot.auth.sign_in_page import render_masthead
from bot.rendering.answer_text import content_of_rendering
from bot.rendering.html.answer_parts import PageBlock, page_blocks
from bot.rendering.html.display_preferences import DisplayPreferences
from bot.rendering.html.markup import html_to_markdown, make_environment, render_template
from bot.rendering.html.text_spans import diff_words
from bot.state import Answer, Block
from eval.dataset.case_labels import BEHAVIOUR_LABELS, KIND_DESCRIPTIONS, KIND_LABELS
from eval.dataset.sets import SETS

_TEMPLATES = make_environment(Path(__file__).parent / "templates", up="..")
_BLOCKS: TypeAdapter[tuple[Block, ...]] = TypeAdapter(tuple[Block, ...])
TASKS = {
    "answer": "回答",
    "answer-marks": "回答（番号つきの文）",
    "revision": "文を直す",
    "mend": "文を直す",  # records before 0.24
    "sense": "文の意味を確かめる",
    "followup": "質問を補う",
    "easy": "やさしい日本語",
    "capability": "できることを調べる",
}
"""What a language model is asked for, by the name of its prompt."""
OUTCOMES = {"answered": "答えた", "stopped": "止めた", "timeout": "時間切れ", "error": "失敗"}
"""How a call to a language model ended."""


def render(template: str, **values: Any) -> str:
    """Return a template of the workbench as the value of a component for HTML."""
    return html_to_markdown(render_template(_TEMPLATES, template, **values))


def head_html(name: str, person: SignedInPerson) -> str:
    """Return the head of the page for a person who has signed in."""
    heading = Markup('<h1 class="unseen">{}</h1>').format(PAGES["/workbench/"])
    return html_to_markdown(render_masthead(name, "/workbench/", person) + str(heading))


def tab_link(tab: str, **fields: object) -> str:
    """Return the address of a tab; fields that are empty are left out."""
    return f"?{urlencode({'tab': tab, **{name: value for name, value in fields.items() if value}}, doseq=True)}"


def address_html(tab: str, **fields: object) -> str:
    """Return the address of a tab for `workbench.js`, which shows it in the browser."""
    return render("address.html", address=tab_link(tab, **fields))


def _answer_blocks(answer: Answer | Mapping[str, Any]) -> tuple[PageBlock, ...]:
    if isinstance(answer, Answer):
        content = answer.content if answer.content.parts else content_of_rendering(answer.answer, answer.blocks)
    else:
        content = content_of_rendering(answer["answer"], _BLOCKS.validate_python(answer.get("blocks") or ()))
    return page_blocks(content.parts, content.language, DisplayPreferences())


def percent(rate: float) -> str:
    """Return a share of 0-1 as people read it."""
    return f"{100 * rate:.1f}%"


_TEMPLATES.globals.update(
    kinds_of=KIND_DESCRIPTIONS, kinds_short=KIND_LABELS, sets_of=SETS, behaviours=BEHAVIOUR_LABELS
)
_TEMPLATES.globals.update(link=tab_link, differing=diff_words, tasks=TASKS, outcomes=OUTCOMES)
_TEMPLATES.filters.update(shown_blocks=_answer_blocks, percent=percent)
