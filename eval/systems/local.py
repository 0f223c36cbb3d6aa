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

from bot.service import Service, open_service
from bot.state import Answer, Hit, Question, Turn
from bot.storage.database import database_url
from eval.scoring.statement_support import check_support
from eval.storage.provenance import public_settings
from eval.systems.ask import ask_via_service
from eval.systems.curated_copy import copy_curated
from eval.systems.system_under_test import LazySystem, SystemUnderTest
from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.index.generation import load_generation

# Passages that a row keeps of those found, best first.
_KEPT = 10


@contextmanager
def open_run_index(
    settings: Settings, corpora: Sequence[Path], without: Collection[str] = ()
) -> Iterator[SystemUnderTest]:
    """Index `corpora` in a folder that runs alone use, and ask there: nothing of the service in use is touched.

    What did not change since the last run is not indexed again (`ingest.build.build`).
    """
    apart = settings.model_copy(update={"data": _folder(settings, corpora), "chroma_url": None, "database_url": None})
    build(apart, corpora)
    with open_service_index(apart, without) as subject:
        about = {"settings": public_settings(settings), "corpus": [str(corpus) for corpus in corpora]}
        yield replace(subject, config=subject.config | about)


@contextmanager
def open_service_index(settings: Settings, without: Collection[str] = ()) -> Iterator[SystemUnderTest]:
    """Ask the index in service in `settings.data`; what is asked is recorded in a copy that is gone afterwards.

    `without` names the adjustments of rankings that are switched off.
    """
    # Where there is no index that is told at once, not with the first case.
    about = {"settings": public_settings(settings), "generation": load_generation(settings).name}
    with TemporaryDirectory(prefix="shirube-eval-") as folder:
        reopen = partial(_open_isolated_service, settings, Path(folder), frozenset(without))
        with closing(LazySystem(reopen)) as late:
            yield SystemUnderTest(late.ask, about, late.beside, reopen, in_process=True)


@contextmanager
def _open_isolated_service(settings: Settings, records: Path, without: frozenset[str]) -> Iterator[SystemUnderTest]:
    url = f"sqlite:///{records / f'{os.getpid()}.sqlite'}"
    copy_curated(database_url(settings), url)
    # A refusal names the office's contact: whether it holds the words of a case must not depend on that.
    apart = settings.model_copy(update={"database_url": SecretStr(url), "contact": ""})
    with open_service(apart, without=without) as service:
        watched = ObservedService(service)
        yield SystemUnderTest(ask_via_service(watched), {}, watched.beside, in_process=True)


def _folder(settings: Settings, corpora: Sequence[Path]) -> Path:
    named = "\n".join([settings.encoder, *(str(corpus.resolve()) for corpus in corpora)])
    return settings.data / "eval" / "index" / sha256(named.encode()).hexdigest()[:16]


class ObservedService:
    """A service that keeps in mind how each thread's last answer came about; safe to share between threads."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._last = local()

    def ask(self, question: Question) -> Answer:
        """Answer one question. Raises BotError."""
        answer = self._service.ask(question, on_turn=partial(setattr, self._last, "turn"))
        self._last.calls = [asdict(call) for call in answer.calls]
        return answer

    def beside(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the reader's confidence, the passages found, the calls of language models and what was stopped.

        And what the answer states, each statement with what its sources do not support.
        """
        turn: Turn = self._last.turn
        documents = [state.document for state in self._service.documents(turn.as_of)]
        seen = {
            "confidence": turn.reading.confidence if turn.reading else None,
            "searched": [_hit_json(hit) for hit in turn.hits[:_KEPT]],
            "calls": self._last.calls,
            "stopped": [asdict(one) for one in turn.draft.rejected] if turn.draft else [],
            "statements": check_support(answer, self._service.passage, documents),
        }
        # Nothing found is told too: a question declined before any search should perhaps have been searched for.
        return {name: value for name, value in seen.items() if name == "searched" or value not in (None, [])}


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
