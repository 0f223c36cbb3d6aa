"""Asks questions over a town's index."""

from datetime import date

from bot.answering.state import Answer, Question
from bot.running.service.service import Service
from ingest.index.index import Index
from tests.bot.answer_assertions import Ask, assert_citations_match


def asking(service: Service, index: Index) -> Ask:
    def ask(*turns: str, as_of: date | None = None) -> Answer:
        conversation_id = None
        for text in turns:
            answer = service.ask(Question(question=text, conversation_id=conversation_id, as_of=as_of))
            assert_citations_match(answer, index)
            conversation_id = answer.conversation_id
        return answer

    return ask
