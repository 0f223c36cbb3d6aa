"""Runs steps and answerers on turns, with the time that each of them takes."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TypeVar

from bot.guardrails.prompt_injection import has_injection
from bot.monitoring.tracing import TraceSpan, span
from bot.state import Answerer, Draft, Step, Turn, to_read_turn

_Result = TypeVar("_Result")
_Turn = TypeVar("_Turn", bound=Turn)
OnStage = Callable[[str], None]
Steps = tuple[tuple[str, Step], ...]
"""Steps with the names under which they are reported and timed."""
Answerers = tuple[tuple[str, Answerer], ...]


class StepRunner:
    """Runs steps for one message; reports each step's name and records the milliseconds that each took."""

    def __init__(self, on_stage: OnStage | None = None) -> None:
        self.timings: dict[str, float] = {}
        self.on_stage = on_stage

    def step(self, name: str, step: Callable[[_Turn], _Result], turn: _Turn) -> _Result:
        """Return the result of a step or answerer."""
        if self.on_stage:
            self.on_stage(name)
        start = perf_counter()
        with span(f"shirube.{name}") as traced:
            result = step(turn)
            _trace_result(traced, result)
        self.timings[name] = round(self.timings.get(name, 0.0) + (perf_counter() - start) * 1000, 2)
        return result

    def run_steps(self, steps: Sequence[tuple[str, Step]], turn: Turn) -> Turn:
        """Return the turn after the steps, up to the one that gives it a draft."""
        for name, step in steps:
            if turn.draft:
                break
            turn = self.step(name, step, turn)
        return turn

    def first_draft(self, answerers: Answerers, turn: Turn) -> Turn:
        """Return the turn with the first draft of the answerers; a turn with a draft is returned unchanged.

        Some answerers look passages up themselves, so their sources are screened as the hits of a search are.
        """
        if turn.draft:
            return turn
        read_turn = to_read_turn(turn)
        for name, answerer in answerers:
            draft = self.step(name, answerer, read_turn)
            if draft and not any(has_injection(source.passage) for source in draft.sources):
                return turn.with_draft(draft)
        return turn


def _trace_result(traced: TraceSpan, result: object) -> None:
    if isinstance(result, Turn):
        traced.note(shirube__passages=len(result.hits))
    draft = result.draft if isinstance(result, Turn) else result
    if isinstance(draft, Draft):
        traced.note(shirube__status=draft.status.value, shirube__citations=len(draft.sources))
