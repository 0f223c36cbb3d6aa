"""Statements with their sources, and how they become one draft with `[n]` marks."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answer import Status
from bot.turn import Draft, Source
from ingest.sentences import sentences

MARK = "\0"


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, or a sentence that leads a list of `items`, with the sources that carry it.

    A text of several sentences has `MARK` at the end of each but the last (`each_marked`): its marks stand there too.
    """

    text: str
    sources: tuple[Source, ...]
    items: tuple[str, ...] = ()


def assemble(statements: Sequence[Statement], *, topic: str = "", status: Status = Status.ANSWERED) -> Draft:
    """Return the draft that says `statements` in order, each marked with the numbers of its sources."""
    sources: list[Source] = []
    lines = []
    for statement in statements:
        marks: list[str] = []
        for source in statement.sources:
            if source not in sources:
                sources.append(source)
            marks.append(f"[{sources.index(source) + 1}]")
        if len(marks) > 1 and len(marks) == len(statement.items):  # each member has a source of its own
            lines += [statement.text, *(f"・{item}{mark}" for item, mark in zip(statement.items, marks, strict=True))]
        else:
            lines += [_marked(statement.text, "".join(marks)), *(f"・{item}" for item in statement.items)]
    return Draft("\n".join(lines), tuple(sources), status, topic)


def _marked(text: str, marks: str) -> str:
    """Put the marks before the full stop that ends the text."""
    text = text.replace(MARK, marks)
    return f"{text[:-1]}{marks}。" if text.endswith("。") else f"{text}{marks}"


def each_marked(text: str) -> str:
    """Return `text` with a `MARK` in each of its sentences but the last: each has to tell where it stands."""
    *before, last = sentences(text)
    return "".join([*(f"{sentence.rstrip()[:-1]}{MARK}{sentence.rstrip()[-1]}" for sentence in before), last])


def closed(text: str) -> str:
    """Return `text` as a sentence with its full stop."""
    return text.strip().rstrip("。") + "。"
