"""Answers a message: runs the steps and answerers of a pipeline (`bot.answering.pipeline.build`) in order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from time import perf_counter
from typing import TypeVar

from bot.answering.answers.generated import GeneratedAnswerer, OnStage, OnText
from bot.answering.answers.sure_answers import ask_for_procedures
from bot.answering.pipeline.merging import join_questions, merge_answers, merge_turns
from bot.answering.question.splitting import split_questions, to_exchange, with_history
from bot.answering.state import CITED, Answerer, Exchange, Question, Status, Step, Turn
from bot.answering.work_budget import SEARCH_TERMS, open_work_budget, take_work
from ingest.japanese import nfkc
from ingest.japanese.tokenise import words

_Result = TypeVar("_Result")
_Turn = TypeVar("_Turn", bound=Turn)
Steps = tuple[tuple[str, Step], ...]
"""Steps with the names under which they are reported and timed."""
Answerers = tuple[tuple[str, Answerer], ...]


class StepRunner:
    """Runs steps for one message; reports each step's name and records the milliseconds that each took."""

    def __init__(self, on_stage: OnStage | None = None) -> None:
        self.timings: dict[str, float] = {}
        self.on_stage = on_stage

    def step(self, name: str, step: Callable[[_Turn], _Result], turn: _Turn) -> _Result:
        if self.on_stage:
            self.on_stage(name)
        start = perf_counter()
        result = step(turn)
        self.timings[name] = round(self.timings.get(name, 0.0) + (perf_counter() - start) * 1000, 2)
        return result

    def run_steps(self, steps: Sequence[tuple[str, Step]], turn: Turn) -> Turn:
        """Return the turn after the steps, up to the one that gives it a draft."""
        for name, step in steps:
            if turn.draft:
                break
            turn = self.step(name, step, turn)
        return turn

    def answer(self, answerers: Answerers, turn: Turn) -> Turn:
        """Return the turn with the first draft of the answerers, unless it has one.

        Some answerers look passages up themselves, so their sources are screened as the hits of a search are.
        """
        for name, answerer in () if turn.draft else answerers:
            draft = self.step(name, answerer, turn)
            if draft and not any(source.passage.withheld for source in draft.sources):
                return turn.with_draft(draft)
        return turn


OnProvisional = Callable[[Turn], None]
# Any question loads the word lists and models.
_WARM_UP_QUESTION = "窓口は何時から何時まで開いていますか"


@dataclass(slots=True, weakref_slot=True, eq=False, kw_only=True)
class Pipeline:
    """Answers questions from an index; safe to share between threads. `open_pipeline` makes one.

    Staff's answers come first. The first draft of the extractive answerers answers what they leave open, until a
    language model has read the whole message.

    Attributes:
        conversation: prepares the history of a message.
        message_steps: the steps for the message as a whole.
        context_steps: the steps that make each question of it stand alone.
        search_steps: the steps that parse a question, find passages and score them.
        qualify: the step that adds to an answer what limits it.
        sure_answers: leaves out what is only near, where somebody is in danger or bereaved.
        notices: the step that makes the notices of the whole answer.
    """

    conversation: Step
    message_steps: Steps
    context_steps: Steps
    search_steps: Steps
    staff_answerers: Answerers
    generated: GeneratedAnswerer | None
    extractive_answerers: Answerers
    qualify: Step
    sure_answers: Callable[[Sequence[Turn]], Sequence[Turn]]
    notices: Step
    suggestions: Step
    easy_japanese: Step

    def warm(self, day: date) -> None:
        """Answer a question, so that the first requests need not load the models."""
        self.answer(Turn(Question(question=_WARM_UP_QUESTION, by_model=False), day))

    def answer(
        self,
        message: Turn,
        on_stage: OnStage | None = None,
        on_text: OnText | None = None,
        on_provisional: OnProvisional | None = None,
    ) -> tuple[Turn, dict[str, float]]:
        """Return the message with its draft and suggestions, and the milliseconds that each step took.

        Each question of the message becomes a turn with the earlier ones in its history. A language model answers all
        that staff have not answered at once; without it, the answers are merged.

        Args:
            on_stage: receives the name of each step.
            on_text: receives the verified sentences of a language model, unless they will be rewritten in easy
                Japanese.
            on_provisional: receives the answer without a language model just before one is asked, if it cites anything.
        """
        runner = StepRunner(on_stage)
        with open_work_budget() as budget:
            prepared, questions, left_over = self._split(message, runner)
            searched = self._search_questions(prepared, questions, runner)
            not_searched = (question.texts.as_written.masked for question in questions[len(searched) :])
            left_over = (*not_searched, *left_over)
            turns = [runner.answer(self.staff_answerers, turn) for turn in searched]
            answered = [self.qualify(runner.answer(self.extractive_answerers, turn)) for turn in turns]
            if self.generated and message.question.by_model and not all(turn.draft for turn in turns):
                if on_provisional:
                    self._report_provisional(prepared, answered, on_provisional)
                asked = [turn for turn in turns if not (turn.draft and turn.draft.is_curated)]
                by_staff = [turn for turn in answered if turn.draft and turn.draft.is_curated]
                listener = on_text if not by_staff and message.question.style == "standard" else None
                generate = partial(self.generated, on_text=listener, on_stage=runner.on_stage)
                generated = runner.step("model", generate, join_questions(prepared, asked, left_over))
                if generated.draft:
                    answered, left_over = [*by_staff, self.qualify(generated)], ()
                else:
                    answered[0] = replace(answered[0], rejected=generated.rejected)
            completed = [runner.step("suggestions", self.suggestions, turn) for turn in answered]
            if message.question.style == "easy":
                completed = [runner.step("easy_japanese", self.easy_japanese, turn) for turn in completed]
            answers = self.sure_answers(completed)
        merged = merge_answers(prepared, answers, () if prepared.is_certain_danger else left_over)
        if budget.is_exceeded and not left_over:
            draft = merged.draft
            if draft and draft.status is Status.ANSWERED:
                draft = replace(draft, status=Status.PARTIAL)
            merged = replace(merged, draft=draft, is_partly_searched=True)
        return self.notices(merged), runner.timings

    def read_exchange(self, message: Turn) -> Exchange:
        """Return an earlier message as a later one has it in its history: completed, neither searched nor answered."""
        prepared, questions, _ = self._split(message, StepRunner())
        return to_exchange(merge_turns(prepared, questions))

    def _split(self, message: Turn, runner: StepRunner) -> tuple[Turn, list[Turn], tuple[str, ...]]:
        text = nfkc(message.texts.searched.text or message.question.question).strip()
        asked = ask_for_procedures(self.conversation(message).with_searched_text(text))
        prepared = runner.run_steps(self.message_steps, asked)
        return prepared, *split_questions(prepared, partial(runner.run_steps, self.context_steps))

    def _search_questions(self, message: Turn, questions: Sequence[Turn], runner: StepRunner) -> list[Turn]:
        turns: list[Turn] = []
        for question in questions:
            size = max(SEARCH_TERMS, len({*words(question.texts.searched.text)}))
            if take_work("terms", size) < size and turns:
                break
            turn = with_history(turns, replace(question, history=message.history))
            turns.append(runner.run_steps(self.search_steps, turn))
        return turns

    def _report_provisional(self, message: Turn, turns: Sequence[Turn], on_provisional: OnProvisional) -> None:
        question = message.question.model_copy(update={"by_model": False})
        drafted = [self.easy_japanese(replace(turn, question=question)) for turn in turns]
        provisional = self.notices(merge_answers(message, self.sure_answers(drafted)))
        if provisional.draft and provisional.draft.status in CITED:
            on_provisional(provisional)
