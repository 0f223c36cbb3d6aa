"""Tab in which any question is asked of the index in service without a record, or a conversation is read again."""

import gradio as gr

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from bot.state import Answer
from eval.dataset.case import Case
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
        turns, conversation_id = fields.lines("turns"), fields.one("conversation")
        if turns:
            case = Case.model_validate({"id": "asked", "kind": "asked", "turns": turns, "behave": "abstain"})
            fresh = self._bench.asker.ask(case)
            html = render(
                "ask.html",
                turns=turns,
                answer=Answer.model_validate(fresh.answer) if fresh.answer else None,
                observations=fresh.observations,
                refused=fresh.score.reasons,
                recorded=(),
            )
            return {self.turns: fields.one("turns"), self.conversation: "", self.answer: html}
        recorded = self._bench.service.conversation(conversation_id) if conversation_id else ()
        html = render("ask.html", answer=None, refused=(), recorded=recorded, conversation=conversation_id)
        return {self.turns: "", self.conversation: conversation_id, self.answer: html}
