"""What a reader may ask next, drawn from the documents: near the passage that answered, or what can be asked at all."""

from bot.answer import Answer
from bot.answering import Answering
from bot.errors import BotError
from bot.ui.citizen.conversation import Grounds
from bot.ui.citizen.examples import example_questions
from bot.ui.citizen.welcome import Welcoming
from ingest.errors import IngestError

MOST = 3
# So many passages of the document that answered are looked at, the likest to the question first.
NEAR = 40


def further_questions(service: Answering, welcoming: Welcoming, answer: Answer, grounds: Grounds) -> tuple[str, ...]:
    """Return the answer's own suggestions, else up to `MOST` questions; none where the documents cannot be asked."""
    if answer.suggestions:
        return answer.suggestions
    try:
        found = _nearby(service, answer, grounds) if answer.citations else welcoming.now().questions
    except (BotError, IngestError):
        return ()
    return tuple(question for question in found if question != answer.question_understood)[:MOST]


def _nearby(service: Answering, answer: Answer, grounds: Grounds) -> tuple[str, ...]:
    doc_id = answer.citations[0].doc_id
    if doc_id not in grounds.documents:
        return ()
    told = {citation.section for citation in answer.citations}
    hits = service.search(answer.question_understood, NEAR, doc_id=doc_id)
    passages = [hit.passage for hit in hits if hit.passage.section not in told]
    return example_questions([(grounds.documents[doc_id].document, passages)], MOST + 1)
