"""What somebody in danger, or somebody bereaved, is shown of the documents: only what surely helps."""

import re
from collections.abc import Sequence

from bot.answering.question.language import detect_language
from bot.answering.question.splitting import asks
from bot.answering.state import CITED, Draft, Status, Turn, paragraph, service_message
from bot.answering.state.query import JAPANESE

# What is searched for somebody who says that a person has died and asks nothing.
_PROCEDURES_AFTER_DEATH = "家族が亡くなったときの手続きを教えてください"
_ABOUT_DEATH = re.compile("死亡|亡くな|お悔やみ|おくやみ|逝去|葬|遺族")


def ask_for_procedures(turn: Turn) -> Turn:
    """Return the turn of a bereavement without a question with the question for what is to be done."""
    text = turn.texts.searched.text
    asks_nothing = turn.is_bereavement and detect_language(text) == JAPANESE and not asks(text)
    return turn.with_searched_text(_PROCEDURES_AFTER_DEATH) if asks_nothing else turn


def select_sure_answers(contact: str, turns: Sequence[Turn]) -> Sequence[Turn]:
    """Return the turns of a message that are shown; of one without certain danger or bereavement, all.

    Drafts that are not sure are left out, with all that is only near; `contact` is how to reach a person, or "".
    """
    first = turns[0]
    if not (first.is_certain_danger or first.is_bereavement):
        return turns
    sure = [turn for turn in turns if turn.draft and _is_sure(turn, turn.draft)]
    if sure or first.is_certain_danger:
        return sure or [first.with_draft(Draft(status=Status.NO_ANSWER))]
    advice = (service_message("contact", contact=contact),) if contact else ()
    condolence = paragraph(service_message("condolence"), *advice)
    return [first.with_draft(Draft((condolence,), status=Status.NO_ANSWER))]


def _is_sure(turn: Turn, draft: Draft) -> bool:
    # The sentences of a language model have been verified, and streamed.
    if draft.status in {Status.ANSWERED, Status.BLOCKED} or (draft.status in CITED and not draft.is_extractive):
        return True
    passages = [source.passage for source in draft.sources]
    return (
        turn.is_bereavement
        and bool(passages)
        and all(_ABOUT_DEATH.search("".join((*p.path, p.text))) for p in passages)
    )
