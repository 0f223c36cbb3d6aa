"""Has a language model judge whether the sentences of an answer follow from its passages, and answer the question."""

import logging
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.errors import ModelError
from bot.generation.generate import Generator
from bot.generation.materials import as_prompt_data
from bot.llm.chat_model import PromptValue, Task, parse_object
from bot.llm.model_calls import current_budget
from bot.state.citation_marks import format_marks

_log = logging.getLogger(__name__)
Judgement = Literal["supported", "contradicted", "not_confirmed", "no_answer"]
# Share of the question's time that must be left for the judge.
_MIN_SHARE_LEFT = 0.15


class Verdict(BaseModel):
    """What the judge says of a sentence, with the difference from the passages in Japanese."""

    model_config = ConfigDict(extra="forbid")
    difference: str
    verdict: Judgement


class JudgeReply(BaseModel):
    """What `prompts/judge.md` asks for."""

    model_config = ConfigDict(extra="forbid")
    verdicts: list[Verdict]


class Judge:
    """Judges the sentences of an answer in one call; safe to share between threads."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self._task = Task("judge", generator.chat, JudgeReply)

    @property
    def is_available(self) -> bool:
        """Whether the settings allow it."""
        return self._generator.may_judge

    def __call__(
        self, sentences: Sequence[tuple[str, Sequence[int]]], passages: PromptValue, situation: str, question: str
    ) -> list[Verdict] | None:
        """Return a verdict for each sentence; None where no model judges in time: then nothing is known.

        Args:
            sentences: the sentences with the numbers of the passages that they cite.
            passages: what the writer read.
            situation: the day and the reader, as the writer saw them.
            question: the question.
        """
        budget = current_budget(0.0)
        if not sentences or not self.is_available or budget.left_s < _MIN_SHARE_LEFT * budget.limit_s:
            return None
        numbered = [
            f"{n}: {as_prompt_data(text)} (箇所 {format_marks(cited)})" for n, (text, cited) in enumerate(sentences, 1)
        ]
        try:
            reply = self._task.reply(
                passages=passages,
                situation=situation,
                question=as_prompt_data(question),
                statements="\n".join(numbered),
            )
            verdicts = parse_object(reply, JudgeReply).verdicts[: len(sentences)]
        except ModelError as error:
            _log.warning("文の意味を言語モデルに確かめさせることができません: %s", error)
            return None
        if len(verdicts) < len(sentences):
            _log.warning("言語モデルが確かめた文は %d のうち %d だけです", len(sentences), len(verdicts))
            return None
        return verdicts
