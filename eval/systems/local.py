"""Opens the system under test in this process, over an index built for runs or the one in service."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import local
from typing import Any

from pydantic import SecretStr
from sqlalchemy import insert, inspect, make_url, select

from bot.curation.dictionary.csv_file import export_csv
from bot.question.dictionary import DictionaryEntry
from bot.service import Service, open_service
from bot.state import Answer, Hit, Question, Turn
from bot.storage.database import database_url, engine_at, open_database
from bot.storage.tables import curated_answers, curated_versions, dictionary_versions, queue_groups
from eval.scoring.statement_support import check_support
from eval.storage.provenance import public_settings
from eval.systems.asking import LazySystem, SystemUnderTest, ask_via_service
from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.index.generation import load_generation

# Number of retrieved passages stored in a row.
_STORED_HITS = 10


@contextmanager
def open_run_index(
    settings: Settings,
    corpora: Sequence[Path],
    without: Collection[str] = (),
    entries: Sequence[DictionaryEntry] = (),
) -> Iterator[SystemUnderTest]:
    """Index `corpora` in a folder used only by runs, without touching the service in use, and open that index.

    Documents unchanged since the last run are not indexed again (`ingest.build.build`). `entries` are put into the
    dictionary.
    """
    key = "\n".join([settings.encoder, *(str(corpus.resolve()) for corpus in corpora)])
    folder = settings.data / "eval" / "index" / sha256(key.encode()).hexdigest()[:16]
    isolated = settings.model_copy(update={"data": folder, "chroma_url": None, "database_url": None})
    build(isolated, corpora)
    with open_service_index(isolated, without, entries) as subject:
        config = {"settings": public_settings(settings), "corpus": [str(corpus) for corpus in corpora]}
        yield replace(subject, config=subject.config | config)


@contextmanager
def open_service_index(
    settings: Settings, without: Collection[str] = (), entries: Sequence[DictionaryEntry] = ()
) -> Iterator[SystemUnderTest]:
    """Open the index in service in `settings.data`; questions are recorded in a temporary copy.

    `without` names disabled ranking adjustments; `entries` are added to the dictionary of the copy.
    """
    # Fail now, not with the first case, if there is no index.
    config = {"settings": public_settings(settings), "generation": load_generation(settings).name}
    with TemporaryDirectory(prefix="shirube-eval-") as folder:
        reopen = partial(_open_isolated_service, settings, Path(folder), frozenset(without), tuple(entries))
        with closing(LazySystem(reopen)) as lazy:
            yield SystemUnderTest(lazy.ask, config, lazy.observations, reopen, in_process=True)


@contextmanager
def _open_isolated_service(
    settings: Settings, records: Path, without: frozenset[str], entries: Sequence[DictionaryEntry]
) -> Iterator[SystemUnderTest]:
    url = f"sqlite:///{records / f'{os.getpid()}.sqlite'}"
    copy_curated(database_url(settings), url)
    # A refusal contains the office's contact, which must not match the expected words of a case.
    isolated = settings.model_copy(update={"database_url": SecretStr(url), "contact": ""})
    with open_service(isolated, disabled_adjustments=without) as service:
        service.wait_for_model()
        if entries:
            service.dictionary.import_csv(export_csv(entries), "eval")
        observed = RecordingService(service)
        yield SystemUnderTest(ask_via_service(observed.ask), {}, observed.observations, in_process=True)


class RecordingService:
    """A service that records the last turn of each thread; safe to share between threads."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._last = local()

    def ask(self, question: Question) -> Answer:
        """Answer one question. Raises BotError."""
        answer = self._service.ask(question, on_turn=partial(setattr, self._last, "turn"))
        self._last.calls = [asdict(call) for call in answer.calls]
        return answer

    def observations(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return details of an answer: confidence, expected answer type, passages, model calls, statements.

        Each statement comes with what its sources do not support.
        """
        turn: Turn = self._last.turn
        reading = turn.reading
        documents = [state.document for state in self._service.documents(turn.requested_day)]
        details = {
            "confidence": reading and (reading.correctness or reading.confidence),
            "answer_type": turn.query.answer_type.value if turn.query else None,
            "searched": [_hit_json(hit) for hit in turn.hits[:_STORED_HITS]],
            "calls": self._last.calls,
            "proposed": list(turn.texts.proposed),
            "stopped": [asdict(sentence) for sentence in turn.rejected],
            "statements": check_support(answer, self._service.passage, documents),
        }
        # An empty search is reported too: perhaps a question declined before retrieval should have been searched.
        return {name: value for name, value in details.items() if name == "searched" or value not in (None, [])}


def _hit_json(hit: Hit) -> dict[str, Any]:
    passage = hit.passage
    return {
        "passage_id": passage.id,
        "doc_id": passage.doc_id,
        "section": passage.section,
        "page": passage.page,
        "score": round(hit.score, 4),
        "text": passage.text,
    }


# In the order of their foreign keys; none refers to recorded questions.
TABLES = (queue_groups, curated_answers, curated_versions, dictionary_versions)


def copy_curated(source_url: str, copy_url: str) -> None:
    """Copy the curated answers and the dictionary between two databases; does nothing if the source does not exist.

    Raises StorageError.
    """
    address = make_url(source_url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
        return
    source = engine_at(source_url)
    copy = open_database(copy_url)
    try:
        with source.connect() as reading, copy.begin() as writing:
            source_tables = set(inspect(reading).get_table_names())
            for table in TABLES:
                if table.name in source_tables and (rows := reading.execute(select(table)).mappings().all()):
                    writing.execute(insert(table), [dict(row) for row in rows])
    finally:
        source.dispose()
        copy.dispose()
