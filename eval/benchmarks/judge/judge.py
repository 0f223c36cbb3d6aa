"""Asks a language model for a verdict on each answer of a run."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from bot.errors import ModelError
from bot.llm.chat_model import ChatModel
from bot.llm.task import Task
from eval.benchmarks.judge.judge_prompt import judge_variables
from eval.benchmarks.judge.verdict import read_verdict
from eval.scoring.run_record import RunRow
from ingest.configuration.language_model import LanguageModel

# Seconds per verdict: it is short, but a model on a CPU reads a page per minute.
TIMEOUT_S = 120.0


class LLMJudge:
    """A language model as judge, with `prompts/judge.md`; `close` it."""

    def __init__(self, model: LanguageModel) -> None:
        self._chat = ChatModel([model], TIMEOUT_S)
        self._task = Task("judge", self._chat)
        self.name = model.model

    @property
    def about(self) -> dict[str, str]:
        """What identifies a judge: model name and digest of the prompt."""
        return {"model": self.name, "prompt": self._task.prompt.digest}

    def verdict(self, row: RunRow) -> RunRow:
        """Return the row with the judge's `verdict` among its observations, or with why there is none.

        Rows without an answer, or with a verdict of the same judge, are unchanged.
        """
        before = row.observations.get("verdict") or {}
        if row.answer is None or (before.get("marks") and before.get("by") == self.about):
            return row
        return replace(
            row, observations={**row.observations, "verdict": {"by": self.about, **self._ask_judge(row, row.answer)}}
        )

    def close(self) -> None:
        """Close the connections."""
        self._chat.close()

    def _ask_judge(self, row: RunRow, answer: dict[str, Any]) -> dict[str, Any]:
        try:
            reply = self._task.reply(**judge_variables(row, answer)).text
        except ModelError as error:
            return {"marks": None, "reason": str(error)}
        verdict = read_verdict(reply)
        if verdict is None:
            return {"marks": None, "reason": f"決められた形の JSON ではありません: {reply[:200]}"}
        return {"marks": verdict.model_dump(exclude={"reason"}), "reason": verdict.reason}


def sample_places(rows: Sequence[RunRow], size: int | None) -> list[int]:
    """Return the indices of `size` rows, or all, sampled by case id: the same for every run of the same cases."""
    return sorted(range(len(rows)), key=lambda place: _name_digest(rows[place]))[:size]


def _name_digest(row: RunRow) -> str:
    return sha256(f"{row.set}\0{row.case.id}".encode()).hexdigest()
