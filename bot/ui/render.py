"""What is shown, as HTML: templates escape every word of it, because documents and questions are data."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader

from bot.answer import Answer, Status
from bot.answering import DocumentState
from bot.ui.conversation import Conversation

REASONS = (
    "答えがまちがっている",
    "知りたいことと違う",
    "根拠が答えと合っていない",
    "情報が古い",
    "わかりにくい",
)
LONGEST_COMMENT = 500
# A greeting and a refusal are no answers that could have helped; a choice is not yet one.
UNRATED = frozenset({Status.SMALLTALK, Status.BLOCKED, Status.CLARIFY})
# What stands over the suggestions.
OFFERED = {
    Status.CLARIFY: "あてはまるものを選んでください",
    Status.NO_ANSWER: "次のような質問なら答えられます",
    Status.OUT_OF_SCOPE: "次のような質問なら答えられます",
    Status.SMALLTALK: "たとえば、このように聞けます",
}
# What is said while an answer is on its way; a stage without words of its own leaves the first ones.
STAGES = {
    "retrieve": "文書を探しています…",
    "decide": "見つかった箇所を読んでいます…",
    "generate": "答えをまとめています…",
    "compose": "答えをまとめています…",
}
MARK = re.compile(r"\[(\d+)\]")
BULLET = re.compile(r"^\s*[・•\-]\s*")

Part = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question whose answer is on its way, and the stage that it has come to."""

    question: str
    stage: str


def masthead_html(name: str) -> str:
    """Return the service's name with its mark."""
    return _TEMPLATES.get_template("masthead.html").render(name=name)


def welcome_html(states: Sequence[DocumentState], questions: Sequence[str], problem: str = "") -> str:
    """Return what a reader sees first; without documents, `problem` says why there are none."""
    return _TEMPLATES.get_template("welcome.html").render(states=states, questions=questions, problem=problem)


def conversation_html(conversation: Conversation, contact: str, waiting: Waiting | None = None) -> str:
    """Return every question with its answer, and the one that waits for its answer."""
    template = _TEMPLATES.get_template("conversation.html")
    return template.render(shown=conversation.shown, contact=contact, waiting=waiting)


def plain(text: str) -> str:
    """Return a text as HTML."""
    return escape(text)


def spoken(answer: Answer) -> str:
    """Return what a screen reader says when the answer is there."""
    sources = f"根拠は{len(answer.citations)}件です。" if answer.citations else ""
    return f"回答です。{MARK.sub('', answer.answer)}{sources}"


def _blocks(answer: Answer) -> Iterator[tuple[str, list[list[Part]]]]:
    """Yield ("text" | "list", lines) of an answer's text, each line cut at the `[n]` that name a citation."""
    numbers = {str(citation.n) for citation in answer.citations}
    lines = (line for line in answer.answer.splitlines() if line.strip())
    for is_list, group in groupby(lines, lambda line: bool(BULLET.match(line))):
        parts = [_parts(BULLET.sub("", line) if is_list else line, numbers) for line in group]
        if is_list:
            yield "list", parts
        else:
            yield from (("text", [part]) for part in parts)


def _parts(line: str, numbers: set[str]) -> list[Part]:
    """Return ("text", …) and ("mark", number) in turn; a number that names no citation stays text."""
    texts_and_numbers = MARK.split(line)
    return [
        ("mark", piece) if at % 2 and piece in numbers else ("text", f"[{piece}]" if at % 2 else piece)
        for at, piece in enumerate(texts_and_numbers)
        if piece
    ]


def _period(days: tuple[date, date]) -> str:
    return "から".join(f"{day.year}年{day.month}月{day.day}日" for day in days) + "まで"


def _is_link(url: str | None) -> bool:
    """Tell whether an address of a manifest may be followed: `javascript:` and its like may not."""
    return url is not None and urlsplit(url).scheme in {"http", "https"}


_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
_TEMPLATES.filters.update(blocks=_blocks, period=_period)
_TEMPLATES.tests["link"] = _is_link
_TEMPLATES.globals.update(
    reasons=REASONS, longest_comment=LONGEST_COMMENT, unrated=UNRATED, offered=OFFERED, stages=STAGES
)
