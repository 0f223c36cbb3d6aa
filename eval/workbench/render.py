"""Renders the workbench's HTML templates with escaping."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from bot.auth import Person
from bot.auth.sign_in_page import render_masthead
from bot.pages.views import view_link
from bot.rendering.html.answer_parts import PageBlock, page_blocks
from bot.rendering.html.markup import make_environment, render_template
from bot.rendering.html.speech import Speech
from bot.rendering.html.text_spans import diff_words
from bot.state import Answer, Block
from bot.storage.answer_content import content_of_rendering
from eval.dataset.labels import BEHAVIOUR_LABELS, KIND_DESCRIPTIONS, KIND_LABELS
from eval.dataset.sets import SETS
from eval.workbench.saved_runs import RunSummary

_TEMPLATES = make_environment(Path(__file__).parent / "templates", up="..")
_BLOCKS: TypeAdapter[tuple[Block, ...]] = TypeAdapter(tuple[Block, ...])

AREAS = {
    "runs": "実行",
    "cases": "問い",
    "compare": "比較",
    "scoring": "採点",
    "blind": "A/B",
    "verdicts": "集計",
}
"""The areas by the view that each begins with, and what they are called."""


def render_view(template: str, **told: Any) -> str:
    """Return a template of this page, filled in."""
    return render_template(_TEMPLATES, template, **told)


def head_html(name: str, person: Person) -> str:
    """Return the head of the page for a person who has signed in."""
    return render_masthead(name, "/workbench/", person)


def areas_html() -> str:
    """Return what stands over every view: the way to the areas."""
    areas = [(view, called, "") for view, called in AREAS.items()]
    return render_view("areas.html", areas=areas)


def _answer_blocks(answer: Answer | Mapping[str, Any]) -> tuple[PageBlock, ...]:
    """Return the blocks of an answer or of one that a run has saved; of one from before there were any its text."""
    if isinstance(answer, Answer):
        content = answer.content if answer.content.parts else content_of_rendering(answer.answer, answer.blocks)
    else:
        content = content_of_rendering(answer["answer"], _BLOCKS.validate_python(answer.get("blocks") or ()))
    return page_blocks(content.parts, content.language, Speech())


def _with_labels(values: Sequence[str], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return values with what they are called, as a field offers them."""
    return [(value, names.get(value, value)) for value in values]


def _run_choices(runs: Sequence[RunSummary]) -> list[tuple[str, str]]:
    """Return runs by name with what they are called and what came of them, as a field offers them."""
    return [(one.name, f"{one.title}（{one.passed}/{one.n}）") for one in runs]


def _format_mean(told: tuple[float | None, float]) -> str:
    """Return a mean with its standard error."""
    return "—" if told[0] is None else f"{told[0]:.2f} ± {told[1]:.2f}"


def _percent(rate: float) -> str:
    return f"{100 * rate:.1f}%"


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
_TEMPLATES.globals.update(kinds_of=KIND_DESCRIPTIONS, kinds_short=KIND_LABELS, sets_of=SETS)
_TEMPLATES.globals.update(
    link=view_link, differing=diff_words, tasks=TASKS, outcomes=OUTCOMES, behaviours=BEHAVIOUR_LABELS
)
_TEMPLATES.filters.update(
    shown_blocks=_answer_blocks, percent=_percent, mean=_format_mean, called=_with_labels, runs=_run_choices
)
