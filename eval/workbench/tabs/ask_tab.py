"""Tab in which any question is asked of the index in service without a record, or a conversation is read again."""

from dataclasses import asdict
from hashlib import sha256
from typing import Any

import gradio as gr

from bot.answering.state.citation_marks import remove_marks
from bot.desk.curation.regression_case import stated_literals
from bot.running.auth.person import SignedInPerson
from bot.running.http.form_fields import Fields
from eval.dataset.case import Case
from eval.scoring.run_record import RunRow
from eval.scoring.score import PASSING
from eval.workbench.bench import Bench
from eval.workbench.frame import Changes, Frame, Tab, html_area, render


class AskTab(Tab):
    """The tab."""

    name = "ask"

    def __init__(self, frame: Frame) -> None:
        self._bench = frame.bench
        gr.Markdown("いま使っている索引に尋ねます。記録や改善の一覧には残りません。")
        self.turns = gr.Textbox(label="発言（続けて尋ねるときは1行に1つ）", lines=2, elem_id="turns")
        ask = gr.Button("尋ねる", variant="primary", size="sm")
        self.conversation = gr.Textbox(label="会話の番号から開く", placeholder="回答の conversation_id")
        read = gr.Button("開く", size="sm")
        self.answer = html_area(elem_id="answer")
        self.fields = {"turns": self.turns, "conversation": self.conversation}
        self.outputs = [self.turns, self.conversation, self.answer]
        frame.reopen_on([ask.click], self, "turns")
        frame.reopen_on([read.click, self.conversation.submit], self, "conversation")

    def open(self, _person: SignedInPerson, fields: Fields) -> Changes:
        """Ask, or read the conversation."""
        texts = {name: fields.one(name) for name in self.fields}
        answers = []
        for number, row in enumerate(ask_or_read(self._bench, fields), 1):
            draft = texts | {"answer": row.answer["answer_id"]} if row.answer else None
            said = [("回答", row, self._bench.sources(row))]
            values = {"turns": row.case.turns, "judged": True, "draft": draft, "own": f"turn-{number}-"}
            answers.append(render("answer.html", answers=said, **values))
        return {self.turns: texts["turns"], self.conversation: texts["conversation"], self.answer: "\n\n".join(answers)}


def ask_or_read(bench: Bench, fields: Fields) -> list[RunRow]:
    """Return the answer to an address's `turns`, or those of its `conversation`. Raises BotError, IngestError."""
    if turns := fields.lines("turns"):
        row = bench.ask(_asked(turns))
        # Nothing was expected of the answer.
        return [RunRow(row.case, row.answer, () if row.answer else row.findings, "", row.observations)]
    recorded = bench.service.conversation(fields.one("conversation")) if fields.one("conversation") else ()
    rows = []
    for number, turn in enumerate(recorded, 1):
        observed = {"calls": list(map(asdict, turn.answer.calls)), "stopped": list(map(asdict, turn.rejected))}
        case = _asked([before.question for before in recorded[:number]])
        rows.append(RunRow(case, turn.answer.model_dump(mode="json"), (), "", observed))
    return rows


def _asked(turns: list[str]) -> Case:
    return Case.model_validate({"id": "asked", "kind": "asked", "turns": turns, "behave": "abstain"})


def propose_case(row: RunRow) -> Case:
    """Return a case that expects what an answer states and cites; its author corrects it."""
    turns, answer = row.case.turns, row.answer or {"status": "no_answer"}
    behave = next((name for name, statuses in PASSING.items() if answer["status"] in statuses), "answer")
    kind = "followup" if turns[1:] else {"answer": "fact", "abstain": "not_there", "clarify": "vague"}[behave]
    case: dict[str, Any] = {
        "id": f"asked-{sha256(chr(0).join(turns).encode()).hexdigest()[:8]}",
        "kind": kind,
        "turns": turns,
    }
    if behave == "answer":
        cited = (f"{one['doc_id']}#{one['section'] or '*'}" for one in answer["citations"])
        facts = stated_literals(remove_marks(answer["answer"]))
        case |= {"must": [[fact] for fact in facts], "cite": list(dict.fromkeys(cited))}
    return Case.model_validate({**case, "behave": behave})
