"""One question of a message."""

from dataclasses import dataclass

from bot.question.answer_type import detect_answer_type
from bot.question.query import AnswerType

# Amounts and places are found by their interrogative more often than by a request.
_INTERROGATIVES = {AnswerType.MONEY: "はいくらですか", AnswerType.PLACE: "はどこですか"}
_REQUEST = "を教えてください"
# How questions for what a noun phrase names end.
NOUN_ENDINGS = (_REQUEST, *_INTERROGATIVES.values())


@dataclass(frozen=True, slots=True)
class AskedPart:
    """One question of a message: its `words` as the person wrote them, and the `text` that asks it by itself."""

    words: str
    text: str


def ask_for(noun: str) -> str:
    """Return the question for what a noun phrase names: 使用料 is 使用料はいくらですか, 対象者 a request."""
    answer_type, _ = detect_answer_type(noun + _REQUEST)
    return noun + _INTERROGATIVES.get(answer_type, _REQUEST)
