"""A language model as judge of a run's answers, and its agreement with people."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import ModelError
from bot.llm.chat_model import ChatModel
from bot.llm.task import Task, escape_prompt_data
from eval.dataset.case import Case
from eval.metrics.kappa import Agreement, kappa, quadratic
from eval.scoring.judgements import CRITERIA, MARKS, ScoreVerdict
from eval.scoring.run_record import RunRow
from ingest.configuration.language_model import LanguageModel

# Seconds per verdict: it is short, but a model on a CPU reads a page per minute.
TIMEOUT_S = 120.0
Mark = Annotated[int, Field(ge=1, le=5, strict=True)]

_EXPECTED_BEHAVIOUR = {
    "answer": "答えること。",
    "abstain": "文書に答えが無いので、断ること。",
    "clarify": "何を尋ねているか決まらないので、聞き返すこと。",
}


class JudgeVerdict(BaseModel):
    """Marks from 1 (bad) to 5 (good) by criterion, with a reason in one sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    correctness: Mark
    grounds: Mark
    clarity: Mark
    reason: Annotated[str, Field(min_length=1, max_length=1000)]


def read_verdict(reply: str) -> JudgeVerdict | None:
    """Return the verdict in `reply`, or None if it has any other form.

    Marks in prose or outside the scale are not guessed.
    """
    try:
        return JudgeVerdict.model_validate_json(reply.strip())
    except ValidationError:
        return None


class LLMJudge:
    """A language model as judge, with `prompts/judge.md`; `close` it."""

    def __init__(self, model: LanguageModel) -> None:
        self._chat = ChatModel([model], TIMEOUT_S)
        self._task = Task("judge", self._chat)
        self.identity = {"model": model.model, "prompt": self._task.prompt.digest}
        """The model's name and the digest of the prompt."""

    def judge(self, row: RunRow) -> RunRow:
        """Return the row with the judge's `verdict` among its observations, or with the reason why there is none.

        Rows without an answer, or with a verdict of the same judge, are unchanged.
        """
        previous = row.observations.get("verdict") or {}
        if row.answer is None or (previous.get("marks") and previous.get("by") == self.identity):
            return row
        verdict = {"by": self.identity, **self._ask_judge(row, row.answer)}
        return replace(row, observations={**row.observations, "verdict": verdict})

    def close(self) -> None:
        """Close the connections."""
        self._chat.close()

    def _ask_judge(self, row: RunRow, answer: dict[str, Any]) -> dict[str, Any]:
        try:
            reply = self._task.reply(**_prompt_variables(row, answer)).text
        except ModelError as error:
            return {"marks": None, "reason": str(error)}
        verdict = read_verdict(reply)
        if verdict is None:
            return {"marks": None, "reason": f"決められた形の JSON ではありません: {reply[:200]}"}
        return {"marks": verdict.model_dump(exclude={"reason"}), "reason": verdict.reason}


def _prompt_variables(row: RunRow, answer: dict[str, Any]) -> dict[str, str]:
    variables = {
        "question": "\n→ ".join(row.case.turns),
        "expected": _expectation_text(row.case),
        "answer": answer["answer"],
        "passages": "\n\n".join(_source_text(row, citation) for citation in answer["citations"]) or "(なし)",
    }
    return {name: escape_prompt_data(text) for name, text in variables.items()}


def _expectation_text(case: Case) -> str:
    facts = [f"次のどれか1つを含む: {' / '.join(group)}" for group in case.must]
    forbidden = [f"含んではならない: {' / '.join(case.must_not)}"] if case.must_not else []
    return "\n".join([_EXPECTED_BEHAVIOUR[case.behave], *facts, *forbidden])


def _source_text(row: RunRow, citation: dict[str, Any]) -> str:
    stored = (hit for hit in row.observations.get("searched", ()) if hit["passage_id"] == citation.get("passage_id"))
    text = next((hit["text"] for hit in stored), citation.get("quote", ""))
    return f"[{citation['n']}] {citation['section']}\n{text}"


def sample_indexes(rows: Sequence[RunRow], size: int | None) -> list[int]:
    """Return the indexes of `size` rows, or all, sampled by case id: the same for every run of the same cases."""
    return sorted(range(len(rows)), key=lambda index: _case_digest(rows[index]))[:size]


def _case_digest(row: RunRow) -> str:
    return sha256(f"{row.set}\0{row.case.id}".encode()).hexdigest()


def judge_agreement(rows: Iterable[RunRow], verdicts: Sequence[ScoreVerdict]) -> dict[str, Agreement]:
    """Return by criterion the agreement of the judge's marks in `rows` with people's marks for the same answers.

    Each person's mark is a separate pair. Kappa has quadratic weights.
    """
    judged = {
        row.answer["answer_id"]: row.observations["verdict"]["marks"] for row in rows if row.answer and _has_marks(row)
    }
    common = [verdict for verdict in verdicts if verdict.answer_id in judged]
    agreement: dict[str, Agreement] = {}
    for criterion in CRITERIA:
        pairs = ((judged[verdict.answer_id][criterion], verdict.marks.mark_for(criterion)) for verdict in common)
        agreement[criterion] = kappa(pairs, quadratic, MARKS)
    return agreement


def _has_marks(row: RunRow) -> bool:
    return bool((row.observations.get("verdict") or {}).get("marks"))
