"""A town of its own: its documents indexed for a test, and a way to ask over them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from bot.answer import Answer, Question
from bot.service import Service, open_service
from ingest.build import build
from ingest.index import Index, open_index
from ingest.settings import Settings
from tests.bot.asking import Ask, keeps_the_rules


@contextmanager
def asking_over(documents: Path, data: Path, today: date) -> Iterator[Ask]:
    """Yield a way to ask over a folder of documents on a day; index and records go to `data`."""
    settings = Settings(_env_file=None, data=data, corpus=documents)
    build(settings, [documents])
    with open_index(settings) as index, open_service(settings, lambda: today) as service:
        yield asking(service, index)


def asking(service: Service, index: Index) -> Ask:
    """Return a way to ask a service whose answers come from `index`."""

    def ask(*turns: str, as_of: date | None = None) -> Answer:
        conversation_id = None
        for text in turns:
            answer = service.ask(Question(question=text, conversation_id=conversation_id, as_of=as_of))
            keeps_the_rules(answer, index)
            conversation_id = answer.conversation_id
        return answer

    return ask
