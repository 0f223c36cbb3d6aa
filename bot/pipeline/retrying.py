"""Answers questions without an answer in other ways, one attempt after another."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.attempts import Attempt
from bot.pipeline.step_runner import Answerers, StepRunner, Steps
from bot.relevance.subject import qualify_draft
from bot.state import Status, Turn
from bot.verification import CITED

# Searches for one message, with all attempts, because each takes as long as a question.
_MAX_SEARCHES = 4


@dataclass(frozen=True, slots=True)
class PlannedAttempt:
    """An attempt with the steps and answerers for its variants of a question.

    Attributes:
        searches: whether its variants count against the search limit.
        also_for_partial: whether it is also made for a question of a message with several whose answer is unsure.
    """

    attempt: Attempt
    steps: Steps
    answerers: Answerers
    searches: bool = True
    also_for_partial: bool = False


def try_attempts(planned_attempts: Sequence[PlannedAttempt], turns: list[Turn], runner: StepRunner) -> list[Turn]:
    """Return the turns; those without an answer are replaced by the variants of the first attempt that is answered.

    A turn with an unsure answer is replaced only if a variant is surely answered.
    """
    searches_left = max(1, _MAX_SEARCHES - len(turns))
    for plan in planned_attempts:
        next_turns: list[Turn] = []
        for turn in turns:
            variants = _make_variants(plan, turn, len(turns))
            if plan.searches:
                variants = variants[:searches_left]
                searches_left -= len(variants)
            searched = [runner.run_steps(plan.steps, variant) for variant in variants]
            answered = [runner.first_draft(plan.answerers, variant) for variant in searched]
            next_turns += answered if _improves(answered, turn) else [turn]
        turns = next_turns
    return turns


def _make_variants(plan: PlannedAttempt, turn: Turn, question_count: int) -> Sequence[Turn]:
    is_retried = has_extractive_status(turn, Status.NO_ANSWER)
    if plan.also_for_partial and question_count > 1:
        # Attempts judge a draft as it will be qualified; only the subject check can change its status.
        is_retried = is_retried or has_extractive_status(qualify_draft(turn), Status.PARTIAL)
    return plan.attempt.variants(turn, question_count) if is_retried else ()


def _improves(answered: Sequence[Turn], turn: Turn) -> bool:
    drafts = [qualify_draft(variant).draft for variant in answered]
    accepted = CITED if has_extractive_status(turn, Status.NO_ANSWER) else {Status.ANSWERED}
    return any(draft is not None and draft.status in accepted for draft in drafts)


def has_extractive_status(turn: Turn, status: Status) -> bool:
    """Whether the answerers without a language model ended with `status`; what a model decides is not tried again."""
    return turn.draft is not None and turn.draft.is_extractive and turn.draft.status is status
