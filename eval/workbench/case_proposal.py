"""Proposes a new case from an answer: question, citations and stated facts."""

from hashlib import sha256
from typing import Any

from bot.errors import UnknownAnswerError
from bot.http.form_fields import Fields
from bot.state import Answer
from bot.verification import MARK
from eval.dataset.case import Case
from eval.scoring.score import PASSING
from eval.workbench.bench import Bench
from ingest.japanese import dates, nfkc
from ingest.japanese.figures import figures


def propose_case(bench: Bench, at: Fields) -> dict[str, Any]:
    """Return what is known of the case that an address wants written; `{}` where it names no answer.

    `curated` is the id of a curated answer, `conversation` and `answer` are those of a turn, `asked`
    are the turns that were asked on the workbench, `group` and `answer` those
    of a question in the queue. Raises BotError where there is no such thing.
    """
    if curated_id := at.one("curated"):
        return bench.desk.case(curated_id)
    if conversation_id := at.one("conversation"):
        told = bench.service.conversation(conversation_id)
        if not told:
            raise UnknownAnswerError("この会話には、まだ質問がありません。番号を確かめてください。")
        turns = [one.question for one in told]
        last = next((n for n, one in enumerate(told) if one.answer.answer_id == at.one("answer")), len(told) - 1)
        return case_from_answer(turns[: last + 1], told[last].answer)
    if turns := at.lines("asked"):
        return _case_from_turns(bench, turns)
    if group_id := at.one("group"):
        entries = bench.desk.group(group_id).entries
        entry = next((one for one in entries if one.answer_id == at.one("answer")), None)
        if entry is None:
            raise UnknownAnswerError("この回答は、もうまとまりの中にありません。一覧から選び直してください。")
        audience = {"audience": entry.audience} if entry.audience else {}
        return case_from_answer([entry.question], entry.answer) | audience | {"provenance": "from-feedback"}
    return {}


def _case_from_turns(bench: Bench, turns: list[str]) -> dict[str, Any]:
    """Ask again what was asked on the workbench: nothing of it was kept."""
    case = Case.model_validate({"id": "asked", "kind": "asked", "turns": turns, "behave": "abstain"})
    answer = bench.aside.ask(case).answer
    return case_from_answer(turns, Answer.model_validate(answer)) if answer else {"turns": turns}


def case_from_answer(turns: list[str], answer: Answer) -> dict[str, Any]:
    """Return what a case about an answer begins with; whoever writes it corrects what the answer should have been."""
    behave = next((name for name, statuses in PASSING.items() if answer.status in statuses), "answer")
    case: dict[str, Any] = {"id": _make_id(turns), "kind": _guess_kind(turns, behave), "turns": turns, "behave": behave}
    if behave == "answer":
        case |= {"must": [[fact] for fact in stated_facts(answer.answer)], "cite": _citation_entries(answer)}
    return case


def stated_facts(text: str) -> list[str]:
    """Return the figures and dates that a text states, in order and each once."""
    plain = nfkc(MARK.sub("", text))
    days = [(one.start, one.end) for one in dates(plain)]
    amounts = [
        (one.start, one.end)
        for one in figures(plain)
        if not any(start < one.end and one.start < end for start, end in days)
    ]
    return list(dict.fromkeys(plain[start:end].strip() for start, end in sorted(days + amounts)))


def _guess_kind(turns: list[str], behave: str) -> str:
    """Return the likeliest of `KIND_DESCRIPTIONS`, for whoever writes the case to correct."""
    if len(turns) > 1:
        return "followup"
    return {"answer": "fact", "abstain": "not_there", "clarify": "vague"}[behave]


def _citation_entries(answer: Answer) -> list[str]:
    return list(dict.fromkeys(f"{one.doc_id}#{one.section}" for one in answer.citations if one.section))


def _make_id(turns: list[str]) -> str:
    digest = sha256("\0".join(turns).encode()).hexdigest()
    return f"asked-{digest[:8]}"
