"""Any question asked of the index in service, without a record of it, or any conversation read again by its number."""

from bot.auth import Person
from bot.pages.views import Address, DrawnView, View
from bot.state import Answer
from eval.dataset.case import Case
from eval.workbench.bench import Bench
from eval.workbench.render import render_view


def _show(bench: Bench, at: Address, _by: Person) -> DrawnView:
    conversation_id = at.one("conversation")
    told = bench.service.conversation(conversation_id) if conversation_id else ()
    turns = at.lines("turns")
    answer: Answer | None = None
    if turns:
        case = Case.model_validate({"id": "asked", "kind": "asked", "turns": turns, "behave": "abstain"})
        again = bench.aside.ask(case)
        answer = Answer.model_validate(again.answer) if again.answer else None
        refused, beside = again.score.reasons, again.beside
        html = render_view(
            "ask.html", turns=turns, answer=answer, beside=beside, refused=refused, told=(), conversation=""
        )
        return DrawnView(html)
    return DrawnView(
        render_view("ask.html", turns=(), answer=None, refused=(), told=told, conversation=conversation_id)
    )


ASKING = View(_show, area="cases")
