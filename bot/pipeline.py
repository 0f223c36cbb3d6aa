"""The way of a question, top to bottom."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import perf_counter

from bot.question import understand
from bot.turn import Step, Turn
from ingest.normalise import nfkc

OnStage = Callable[[str], None]


def run(
    turn: Turn, steps: Sequence[tuple[str, Step]], on_stage: OnStage | None = None
) -> tuple[Turn, dict[str, float]]:
    """Take the turn through the named steps in order until one finishes it.

    Returns the turn and the milliseconds that each step took; `on_stage` is told each step's name before it runs.
    """
    timings: dict[str, float] = {}
    for name, step in steps:
        if turn.finished:
            break
        if on_stage:
            on_stage(name)
        start = perf_counter()
        turn = step(turn)
        timings[name] = round((perf_counter() - start) * 1000, 2)
    return turn, timings


def read(turn: Turn) -> Turn:
    """Return the turn with its text in normal form and understood."""
    text = nfkc(turn.question.question).strip()
    return replace(turn, text=text, asked=understand(text))
