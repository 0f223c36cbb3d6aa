"""What all tabs of the workbench share, opened once per server: service, runs, cases, marks and recorded answers."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Engine, select

from bot.answering.privacy.personal import mask_personal_data
from bot.answering.state import Citation
from bot.errors import BotError, UnknownPassageError
from bot.running.service.document_state import DocumentState
from bot.running.service.service import Service
from bot.running.storage.database import database_url, open_database
from bot.running.storage.tables import turns
from eval.dataset.case import Case
from eval.runs.run_execution import ask_and_score
from eval.scoring.run_record import RunRow
from eval.workbench.marks import MarkStore
from eval.workbench.runs import RunProcess, SavedRuns
from ingest.configuration.settings import Settings
from ingest.errors import IngestError


@dataclass(frozen=True, slots=True)
class AnswerSources:
    """The citations of an answer with what is known of them.

    `passages` are whole texts by id: from the run, else from the current index if the passage contains the quote.
    """

    citations: tuple[Citation, ...]
    passages: Mapping[str, str]
    states: Mapping[str, DocumentState]


class Bench:
    """The service under evaluation with its runs, recorded answers and marks; nothing is read or connected yet.

    Safe to share between threads.
    """

    def __init__(self, service: Service, settings: Settings) -> None:
        self.service = service
        self.settings = settings
        self.runs = SavedRuns(settings)
        self.running = RunProcess(settings)
        self.marks = MarkStore(settings)

    def ask(self, case: Case) -> RunRow:
        """Ask the index in service a case without a record, as a run would. Raises IngestError, BotError."""
        from eval.systems.local import open_service_index  # noqa: PLC0415 -- costs half a second

        with open_service_index(self.settings) as system:
            return ask_and_score("", case, system)

    def sources(self, row: RunRow) -> AnswerSources | None:
        """Return the sources of an answer from the observations of its run and the current index; None without one."""
        if row.answer is None:
            return None
        citations = tuple(map(Citation.model_validate, row.answer.get("citations", ())))
        states: dict[str, DocumentState] = {}
        texts: dict[str, str] = {}
        with suppress(BotError, IngestError):
            states = {state.document.id: state for state in self.service.documents(row.case.as_of)}
            for citation in citations:
                # Ids may have changed since the run.
                with suppress(UnknownPassageError):
                    text = self.service.passage(citation.passage_id).text
                    texts |= {citation.passage_id: text} if citation.quote in text else {}
        texts |= {passage["passage_id"]: passage["text"] for passage in row.observations.get("searched", ())}
        return AnswerSources(citations, texts, states)

    @cached_property
    def _engine(self) -> Engine:
        return open_database(database_url(self.settings))

    def recorded_ids(self, first: datetime, last: datetime) -> list[str]:
        """Return the ids of the answers to citizens in a time, without those to repeated questions."""
        is_asked = turns.c.created.between(first, last) & turns.c.repeated.is_(False) & (turns.c.audience == "citizen")
        with self._engine.connect() as connection:
            return list(connection.scalars(select(turns.c.answer_id).where(is_asked)))

    def recorded_answers(self, answer_ids: tuple[str, ...]) -> dict[str, tuple[list[str], dict[str, Any]]]:
        """Return wordings of the question, masked once more, and the answer (the API's JSON) by id, if it is kept."""
        query = select(turns.c.answer_id, turns.c.question, turns.c.understood, turns.c.answer).where(
            turns.c.answer_id.in_(answer_ids)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return {
            row.answer_id: (list(dict.fromkeys(map(mask_personal_data, (row.question, row.understood)))), row.answer)
            for row in rows
        }

    def close(self) -> None:
        """Stop the current run and close the database."""
        self.running.cancel()
        if "_engine" in self.__dict__:
            self._engine.dispose()
