"""Builds the variables of the judge's prompt from a row."""

from typing import Any

from bot.llm.task import escape_prompt_data
from eval.dataset.case import Case
from eval.scoring.run_record import RunRow

_EXPECTED_BEHAVIOUR = {
    "answer": "答えること。",
    "abstain": "文書に答えが無いので、断ること。",
    "clarify": "何を尋ねているか決まらないので、聞き返すこと。",
}


def judge_variables(row: RunRow, answer: dict[str, Any]) -> dict[str, str]:
    """Return the variables of `prompts/judge.md` for an answer, escaped as data."""
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
    """Return a source with its complete passage if that was stored, else with its quote."""
    stored = (hit for hit in row.observations.get("searched", ()) if hit["passage_id"] == citation.get("passage_id"))
    text = next((hit["text"] for hit in stored), citation.get("quote", ""))
    return f"[{citation['n']}] {citation['section']}\n{text}"
