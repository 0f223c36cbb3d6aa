"""The models of a process with the pipeline over the current index generation, which switches to newer ones."""

import gc
import logging
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from math import inf
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING

from bot.answering.pipeline import OpenedIndex, open_pipeline
from bot.answering.retrieval.ranking import Ranker
from ingest.configuration.settings import Settings
from ingest.configuration.storage import file_stamp
from ingest.embedding import Encoder, open_encoder
from ingest.errors import IngestError
from ingest.index.generation import CURRENT
from ingest.index.index import Index, current_name, open_index
from ingest.metadata.document_states import apply_edits
from ingest.metadata.document_table import read_documents, table_stamp

if TYPE_CHECKING:
    from bot.answering.model_answers.generate import Generator

_log = logging.getLogger(__name__)
# The stamp of a missing file.
_MISSING = ()
# Delay before a generation that failed to open is retried: a Chroma server may have been down.
_RETRY_S = 300.0
# Interval of checks for a new generation.
_POLL_S = 2.0
# Longest time of an answer; a replaced pipeline is collected after it.
_MAX_ANSWER_S = 120.0
# Time that closing waits for a generation that is being opened.
_CLOSE_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class _Opened:
    index: Index
    served: OpenedIndex
    # The stamp of the documents table that is served.
    stamp: bytes


class ActivePipeline:
    """Opens the current index and switches to a newer one; safe to share between threads.

    `disabled_adjustments` names the ranking adjustments that an evaluation run switches off. `generator` writes answers
    with a language model, None without one.
    """

    def __init__(
        self, settings: Settings, clock: Callable[[], date], disabled_adjustments: Collection[str] = ()
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._disabled_adjustments = frozenset(disabled_adjustments)
        # Loaded at once, so that a server with invalid settings does not start.
        self.ranker = Ranker.load(settings.ranker)
        self.generator = _open_generator(settings)
        self._encoder: Encoder | None = None
        self._current = settings.data / CURRENT
        self._opened: _Opened | None = None
        # The stamp of `current` at the last attempt to open it, and the time of the next retry.
        self._attempted: object = None
        self._retry_at = self._collect_at = inf
        self._opening: Thread | None = None
        self._closed = Event()
        self._lock = Lock()

    @property
    def generation(self) -> str | None:
        """The name of the generation in use, or of the one to be opened first; None while there is none."""
        opened = self._opened
        return opened.index.name if opened else current_name(self._settings)

    def __call__(self) -> OpenedIndex:
        """Return the current index with its pipeline, without withdrawn documents.

        Withdrawals and edits of documents apply at once. A new generation is opened in a thread and replaces this one
        when it is ready; if it fails to open, the reason is logged and this one stays in use. Raises NoIndexError and
        its subclasses if no generation can be opened.
        """
        with self._lock:
            current = file_stamp(self._current)
            is_removed = current == _MISSING and self._attempted != current  # a removed index must not answer
            if self._opened is None or is_removed:
                is_first = self._opened is None
                self._opened = self._build_pipeline(open_index(self._settings))
                self._attempted = current
                if is_first:
                    Thread(target=self._watch, name="generation watcher", daemon=True).start()
            elif self._opened.stamp != table_stamp(self._settings):
                self._opened = self._build_pipeline(self._opened.index)
            self._check_for_new_generation(self._opened)
            return self._opened.served

    def follow(self) -> None:
        """Wait until the current generation is in use or has failed to open. Raises as a call does."""
        self()
        while (opening := self._opening) and opening.is_alive():
            opening.join()
            self()  # `current` may have changed in the meantime

    def _watch(self) -> None:
        while not self._closed.wait(_POLL_S):
            with self._lock:
                if self._opened:
                    self._check_for_new_generation(self._opened)
            if monotonic() > self._collect_at:
                self._collect_at = inf
                gc.collect()  # reference cycles would otherwise keep gigabytes until an arbitrary collection

    def _check_for_new_generation(self, opened: _Opened) -> None:
        current = file_stamp(self._current)
        if self._attempted == current and monotonic() <= self._retry_at:
            return
        if current == _MISSING or (self._opening and self._opening.is_alive()):
            return
        self._attempted = current
        self._retry_at = inf
        if current_name(self._settings) == opened.index.name:  # a build without changes rewrites `current`
            return
        self._opening = Thread(target=self._switch_generation, name="new generation", daemon=True)
        self._opening.start()

    def _switch_generation(self) -> None:
        with ExitStack() as failing:
            try:
                index = failing.enter_context(open_index(self._settings))
                opened = self._build_pipeline(index)
                opened.served.pipeline.warm(self._clock())
            except Exception as error:  # noqa: BLE001 -- any failure leaves the previous generation in use
                unexpected = None if isinstance(error, IngestError) else error
                _log.warning("%s それまでは、前の索引「%s」で答えます。", error, self.generation, exc_info=unexpected)
                self._retry_at = monotonic() + _RETRY_S
                return
            with self._lock:
                if self._closed.is_set() or index.name != current_name(self._settings):  # or replaced in the meantime
                    return
                self._opened = opened
            failing.pop_all()
        gc.collect()
        self._collect_at = monotonic() + _MAX_ANSWER_S  # when nobody is answered from the previous one any more

    def _build_pipeline(self, index: Index) -> _Opened:
        stamp = table_stamp(self._settings)
        rows = read_documents(self._settings)
        withdrawn = {row.id for row in rows.values() if row.is_withdrawn}
        is_edited = any(row.edits for row in rows.values())
        served = index.map_documents(lambda document: apply_edits(document, rows)) if is_edited else index
        served = served.excluding(withdrawn) if withdrawn else served
        self._encoder = self._encoder or open_encoder(self._settings)
        gc.unfreeze()  # so that a pipeline frozen at server start can be collected
        opened = open_pipeline(
            served,
            self._encoder,
            contact=self._settings.contact,
            generator=self.generator,
            ranker=self.ranker,
            disabled_adjustments=self._disabled_adjustments,
        )
        return _Opened(index, opened, stamp)

    def close(self) -> None:
        with self._lock:
            self._closed.set()
            opening = self._opening
        if opening:
            opening.join(_CLOSE_TIMEOUT_S)
        with self._lock:
            if self._opened:
                self._opened.index.close()
                self._opened = None
        if self.generator:
            self.generator.close()


def _open_generator(settings: Settings) -> "Generator | None":
    if not (settings.llm or settings.llm_gguf):
        return None
    from bot.answering.model_answers.generate import Generator  # noqa: PLC0415 -- LangChain takes a second to import

    generator = Generator(settings)
    if generator.judge:
        generator.judge.start_tests()
    return generator
