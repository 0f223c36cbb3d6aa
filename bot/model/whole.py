"""A follow-up made whole by a language model, where what it writes can only have come from the conversation."""

import logging
import re
from collections.abc import Sequence
from dataclasses import replace

from bot.answer import Status
from bot.check.statements import MARK
from bot.errors import ModelError
from bot.model.chat_model import ChatModel
from bot.model.task import Task, as_data
from bot.turn import Exchange, Step, Turn
from bot.understand.asked import Kind
from bot.understand.leaning import PAPERS, depends
from bot.understand.question import understand
from ingest.normalise import nfkc
from ingest.sentences import sentences
from ingest.tokenise import words

_log = logging.getLogger(__name__)
_SPOKEN_OF = frozenset({Status.ANSWERED, Status.PARTIAL, Status.NO_ANSWER, Status.CLARIFY})
_EXCHANGES, _ANSWER_CHARS, _LONGEST = 3, 400, 150
_THOUGHTS = re.compile(r"^.*</(?:think|thinking|reasoning)>", re.DOTALL)
_STATES = re.compile(r"(?:です|ます|でした|ました|ません|である)[。.]?$")
# Words that only ask; any other has to be in the conversation, also 目標 and 実績.
_INTERROGATIVES = {"何", "いつ", "何時", "幾ら", "幾つ", "誰", "何処", "何方", "何故", "どの", "如何"}
_ASKS = frozenset(_INTERROGATIVES | {"教える", "知る", "詳しい"})
# Words that point into the conversation (もう一つのほう, 二つ目, 前のは?), in whose place its own words come.
_COUNTED = re.compile(r"(?:もう\s?)?[一二三四五六七八九十\d]{1,2}\s?(?:つ|番|個|点)目?")
_POINTING = frozenset({"方", "前", "次", "今", "以前", "現在", "先", "最初", "最後", "上", "下"})


class ModelFollowUp:
    """The step that makes follow-ups whole, first by `rules`; where these had to add to the question, a model is asked.

    What the rules made stands where the model fails, or writes what is not in the conversation.
    """

    def __init__(self, rules: Step, chat: ChatModel) -> None:
        self._rules = rules
        self._task = Task("followup", chat)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its text made whole; one that is whole as it stands is not sent."""
        ruled = self._rules(turn)
        history = [exchange for exchange in turn.history if exchange.status in _SPOKEN_OF][-_EXCHANGES:]
        if not history or not _leans(turn, ruled):
            return ruled
        try:
            reply = self._task.reply(conversation=_conversation(history), question=as_data(turn.text))
        except ModelError as error:
            _log.warning("質問を補うのに言語モデルを使えません: %s", error)
            return ruled
        text = nfkc(_THOUGHTS.sub("", reply.text)).strip().removeprefix("「").removesuffix("」")
        if why := unfit(text, turn, history):
            _log.warning("言語モデルが補った質問を使えません: %s", why)
            return ruled
        return replace(ruled, text=text, asked=understand(text, turn.as_of))


def unfit(text: str, turn: Turn, history: Sequence[Exchange]) -> str:
    """Return why `text` cannot stand for the turn's question, or nothing where it can.

    It is one question of at most 150 characters; its content words, figures and dates are the question's or the
    conversation's; it asks for the same kind of thing, and leaves out nothing that the question says.
    """
    if not text or len(text) > _LONGEST or len(sentences(text)) != 1 or "\n" in text or _STATES.search(text):
        return "ひとつの短い質問ではありません"
    spoken = " ".join([turn.text, *(f"{e.understood} {e.topic} {e.answer} {' '.join(e.suggestions)}" for e in history)])
    if added := set(words(text)) - set(words(spoken)) - _ASKS:
        return f"会話にない言葉「{'、'.join(sorted(added))}」があります"
    question, whole = turn.asked or understand(turn.text, turn.as_of), understand(text, turn.as_of)
    if question.kind not in (whole.kind, Kind.WHAT):
        return "聞かれていることが変わっています"
    said = set(words(_COUNTED.sub("", turn.text))) - _ASKS - _POINTING - PAPERS
    return f"質問の言葉「{'、'.join(sorted(left_out))}」が抜けています" if (left_out := said - set(words(text))) else ""


def _leans(turn: Turn, ruled: Turn) -> bool:
    """Whether the question needs the conversation, and the rules do not know for certain what of it."""
    if turn.asked is None or ruled.asked is None or ruled.finished:
        return False
    if ruled.asked.told or ruled.text in turn.history[-1].suggestions:  # more of what was told, or one of the choices
        return False
    return ruled.text != turn.text or ruled.asked != turn.asked or depends(turn.asked)


def _conversation(history: Sequence[Exchange]) -> str:
    said = ((e.understood, MARK.sub("", e.answer)[:_ANSWER_CHARS]) for e in history)
    return "\n".join(as_data(f"利用者: {question}\n回答: {answer}") for question, answer in said)
