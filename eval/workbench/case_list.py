"""The list of cases with its filters, and new cases proposed from answers."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from bot.errors import UnknownAnswerError
from bot.http.form_fields import Fields
from bot.state import Answer
from bot.state.citation_marks import remove_marks
from eval.dataset.case import Case
from eval.scoring.run_record import CaseKey, RunRow
from eval.scoring.score import PASSING
from eval.workbench.bench import Bench
from ingest.japanese import dates, nfkc
from ingest.japanese.figures import figures

RESULTS = {"failed": "不合格", "passed": "合格"}


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """A case of a set; `row` is its result in a run, None outside a run."""

    set: str
    case: Case
    row: RunRow | None = None

    @property
    def key(self) -> CaseKey:
        """The key of the case in a run."""
        return CaseKey(self.set, self.case.id)

    @property
    def result(self) -> str:
        """The key of `RESULTS` that applies; "" outside a run."""
        if self.row is None:
            return ""
        return "passed" if self.row.score.passed else "failed"

    def matches(self, filters: Fields) -> bool:
        """Whether the entry satisfies the filters of an address; `q` are words of the case or its answer."""
        case = self.case
        answer = self.row.answer if self.row else None
        values = {"set": self.set, "kind": case.kind, "result": self.result}
        text = "\n".join([case.id, *case.turns, *case.tags, case.note, answer["answer"] if answer else ""])
        return all(filters.one(name) in ("", value) for name, value in values.items()) and all(
            word in nfkc(text).lower() for word in nfkc(filters.one("q")).lower().split()
        )


def load_entries(bench: Bench, run: str) -> list[CaseEntry]:
    """Return the cases of a run with their results, or those of all sets if `run` is "". Raises EvalError."""
    if run:
        return [CaseEntry(row.set, row.case, row) for row in bench.runs.load(run).rows]
    return [CaseEntry(stored.set, stored.case) for stored in bench.cases.all()]


def propose_case(bench: Bench, fields: Fields) -> dict[str, Any]:
    """Return the fields of a case about the answer that an address names, as JSON; `{}` if it names none.

    The fields of the address are `curated` (a curated answer), `conversation` and `answer` (a recorded turn), `asked`
    (turns asked on the workbench), or `group` and `answer` (a question in the queue). Raises BotError.
    """
    if curated_id := fields.one("curated"):
        curated: dict[str, Any] = bench.service.desk.case(curated_id)
        return curated
    if conversation_id := fields.one("conversation"):
        recorded = bench.service.conversation(conversation_id)
        if not recorded:
            raise UnknownAnswerError("この会話には、まだ質問がありません。番号を確かめてください。")
        turns = [turn.question for turn in recorded]
        last_index = next(
            (index for index, turn in enumerate(recorded) if turn.answer.answer_id == fields.one("answer")),
            len(recorded) - 1,
        )
        return case_from_answer(turns[: last_index + 1], recorded[last_index].answer)
    if turns := fields.lines("asked"):
        case = Case.model_validate({"id": "asked", "kind": "asked", "turns": turns, "behave": "abstain"})
        answer = bench.asker.ask(case).answer
        return case_from_answer(turns, Answer.model_validate(answer)) if answer else {"turns": turns}
    if group_id := fields.one("group"):
        entries = bench.service.desk.group(group_id).entries
        entry = next((entry for entry in entries if entry.answer_id == fields.one("answer")), None)
        if entry is None:
            raise UnknownAnswerError("この回答は、もうまとまりの中にありません。一覧から選び直してください。")
        audience = {"audience": entry.audience} if entry.audience else {}
        return case_from_answer([entry.question], entry.answer) | audience | {"provenance": "from-feedback"}
    return {}


def case_from_answer(turns: list[str], answer: Answer) -> dict[str, Any]:
    """Return the fields of a case that expects an answer; its author corrects them."""
    behave = next((name for name, statuses in PASSING.items() if answer.status in statuses), "answer")
    kind = "followup" if turns[1:] else {"answer": "fact", "abstain": "not_there", "clarify": "vague"}[behave]
    digest = sha256("\0".join(turns).encode()).hexdigest()
    case: dict[str, Any] = {"id": f"asked-{digest[:8]}", "kind": kind, "turns": turns, "behave": behave}
    if behave == "answer":
        cited = (f"{citation.doc_id}#{citation.section}" for citation in answer.citations if citation.section)
        case |= {"must": [[fact] for fact in stated_facts(answer.answer)], "cite": list(dict.fromkeys(cited))}
    return case


def stated_facts(text: str) -> list[str]:
    """Return the figures and dates that a text states, in order and each once."""
    plain = nfkc(remove_marks(text))
    days = [(mention.start, mention.end) for mention in dates(plain)]
    amounts = [
        (figure.start, figure.end)
        for figure in figures(plain)
        if not any(start < figure.end and figure.start < end for start, end in days)
    ]
    return list(dict.fromkeys(plain[start:end].strip() for start, end in sorted(days + amounts)))
