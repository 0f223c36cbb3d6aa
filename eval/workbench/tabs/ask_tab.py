"""Tab in which any question is asked of the index in service without a record, or a conversation is read again."""

from typing import Any

import gradio as gr

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from bot.state import Answer
from eval.dataset.case import Case
from eval.workbench.frame import Frame, Tab, html_area, render


def ask_tab(frame: Frame) -> Tab:
    """Build the tab."""
    bench = frame.bench
    gr.Markdown("いま使っている索引に尋ねます。記録や改善の一覧には残りません。")
    turns = gr.Textbox(label="発言（続けて尋ねるときは1行に1つ）", lines=2, elem_id="turns")
    ask = gr.Button("尋ねる", variant="primary", size="sm")
    conversation = gr.Textbox(label="会話の番号から開く", placeholder="回答の conversation_id")
    read = gr.Button("開く", size="sm")
    answer = html_area(elem_id="answer")
    outputs = [turns, conversation, answer]

    def open_tab(_person: SignedInPerson, fields: Fields) -> list[Any]:
        lines = fields.lines("turns")
        conversation_id = fields.one("conversation")
        if lines:
            return [fields.one("turns"), "", _ask(lines)]
        recorded = bench.service.conversation(conversation_id) if conversation_id else ()
        values = {"answer": None, "refused": (), "recorded": recorded, "conversation": conversation_id}
        return ["", conversation_id, render("ask.html", **values)]

    def _ask(lines: list[str]) -> str:
        case = Case.model_validate({"id": "asked", "kind": "asked", "turns": lines, "behave": "abstain"})
        fresh = bench.asker.ask(case)
        return render(
            "ask.html",
            turns=lines,
            answer=Answer.model_validate(fresh.answer) if fresh.answer else None,
            observations=fresh.observations,
            refused=fresh.score.reasons,
            recorded=(),
        )

    asking = Tab("ask", {"turns": turns}, outputs, open_tab)
    frame.reopen_on([ask.click], asking)
    frame.reopen_on([read.click, conversation.submit], Tab("ask", {"conversation": conversation}, outputs, open_tab))
    return Tab("ask", {"turns": turns, "conversation": conversation}, outputs, open_tab)
