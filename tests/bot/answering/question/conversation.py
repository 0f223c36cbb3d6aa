"""Turns and exchanges of conversations, for tests of small talk and follow-ups."""

from collections.abc import Sequence
from datetime import date

from bot.answering.privacy.personal import UnmaskedText
from bot.answering.question.follow_ups import FollowUpRewriter
from bot.answering.question.splitting import smalltalk
from bot.answering.state import Exchange, Question, QuestionTexts, Status, Turn
from ingest.documents import Document
from tests.bot.draft_rendering import parts_of

TODAY = date(2026, 6, 1)
DOCUMENTS = (
    Document("mizu-2", "水の里プラン2", "a.md", aliases=("里プラン2",), supersedes=("mizu",)),
    Document("mizu", "水の里プラン", "b.md"),
)

TOWNS = (
    Document("sugi", "杉森だより", "c.md", issuer="杉森市"),
    Document("shio", "潮の暮らし", "d.md", issuer="汐見町"),
)


def exchange(
    question: str, answer: str = "次のとおりです[1]。", status: Status = Status.ANSWERED, *suggestions: str
) -> Exchange:
    return Exchange(UnmaskedText(question), "", parts_of(answer), status, suggestions)


def turn(text: str, *history: Exchange) -> Turn:
    return Turn(Question(question=text), TODAY, history, QuestionTexts(UnmaskedText(text)))


def whole(text: str, *history: Exchange | str, documents: Sequence[Document] = DOCUMENTS) -> Turn:
    before = (exchange(each) if isinstance(each, str) else each for each in history)
    return FollowUpRewriter(documents)(smalltalk(turn(text, *before)))
