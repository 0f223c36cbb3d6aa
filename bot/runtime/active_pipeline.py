"""Keeps a pipeline over the current index generation and switches when another is made current."""

import gc
import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from math import inf
from threading import Event, Lock, Thread
from time import monotonic
from weakref import ref

from bot.curation.answerer import CuratedStore
from bot.pipeline import Pipeline
from bot.runtime.models import Models
from ingest.configuration.settings import Settings
from ingest.configuration.storage import file_stamps
from ingest.errors import IngestError
from ingest.index.document_edits import EDITS_FILE, apply_edits, read_edits
from ingest.index.generation import CURRENT
from ingest.index.index import Index, current_name, open_current, open_index
from ingest.lifecycle.withdrawals import WITHDRAWN, read_withdrawals

log = logging.getLogger(__name__)
# The stamp of a file that is not there.
_GONE = (None,)
# After so long a generation that could not be opened is tried again: a Chroma server may have been away.
_AGAIN_S = 300.0
# So often it is looked whether another generation was made current, also while nobody asks.
_LOOK_S = 2.0
# An answer takes no longer than this to its end.
_LEAVING_S = 120.0
# Who ends the service waits so long for a generation that is being opened; the process ends without it then.
_LAST_WORDS_S = 5.0


@dataclass(frozen=True, slots=True)
class _Opened:
    """A generation with the pipeline over it, made by what was `said` of documents at a time."""

    index: Index
    pipeline: Pipeline
    said: object


class ActivePipeline:
    """Opens the index that answers, and follows what is put in service; safe to share."""

    def __init__(
        self, settings: Settings, models: Models, shelf: Callable[[], CuratedStore], clock: Callable[[], date]
    ) -> None:
        self._settings = settings
        self._models = models
        self._shelf = shelf
        self._clock = clock
        self._current = settings.data / CURRENT
        # What is withdrawn, and what is said of documents, whatever the generation.
        self._said = (settings.data / WITHDRAWN, settings.data / EDITS_FILE)
        self._opened: _Opened | None = None
        # `current` as it was when a generation was last opened, or tried; and from when on it is tried again.
        self._tried: object = None
        self._again_at = inf
        self._opening: Thread | None = None
        # What answered before, as long as it is there, and until when it is looked for.
        self._leaving = list[tuple[ref[Pipeline], float]]()
        self._closed = Event()
        self._lock = Lock()

    @property
    def generation(self) -> str | None:
        """The name of the index that answers; before one is opened the one that will, None while there is none."""
        opened = self._opened
        return opened.index.name if opened else current_name(self._settings)

    def __call__(self) -> Pipeline:
        """Return the pipeline that answers now, without the documents that are withdrawn.

        What was withdrawn, restored or described anew counts at once. Another generation that was made current is
        opened in a thread, whether or not anybody asks, and answers as soon as it can; where it cannot be opened, the
        log tells why, and the one before it goes on. Raises NoIndexError and its kin where none has been opened, or all
        of them are gone.
        """
        with self._lock:
            current = file_stamps(self._current)
            gone = current == _GONE and self._tried != current  # nobody is answered by an index that was taken away
            if self._opened is None or gone:
                first = self._opened is None
                self._opened, self._tried = self._build_pipeline(open_index(self._settings)), current
                if self._opened.index.name != current_name(self._settings):  # an earlier one stands in
                    self._again_at = monotonic() + _AGAIN_S
                if first:
                    Thread(target=self._watch, name="another generation?", daemon=True).start()
            elif self._opened.said != file_stamps(*self._said):
                self._opened = self._build_pipeline(self._opened.index)
            self._check_for_new_generation(self._opened)
            return self._opened.pipeline

    def follow(self) -> None:
        """Return when the generation that is current now answers, or could not be opened. Raises as a call does."""
        self()
        while (opening := self._opening) and opening.is_alive():
            opening.join()
            self()  # another one may have been made current meanwhile

    def _watch(self) -> None:
        while not self._closed.wait(_LOOK_S):
            with self._lock:
                if self._opened:
                    self._check_for_new_generation(self._opened)
            self._leaving = [(one, until) for one, until in self._leaving if one() and monotonic() < until]
            if self._leaving:  # it was answering when another took its place
                gc.collect()

    def _check_for_new_generation(self, opened: _Opened) -> None:
        """Begin to open what is current, where it is another generation than the one that was tried last."""
        current = file_stamps(self._current)
        if self._tried == current and monotonic() <= self._again_at:
            return
        if current == _GONE or (self._opening and self._opening.is_alive()):
            return
        self._tried, self._again_at = current, inf
        if current_name(self._settings) == opened.index.name:  # a build that changed nothing says so again
            return
        self._opening = Thread(target=self._switch_generation, name="new generation", daemon=True)
        self._opening.start()

    def _switch_generation(self) -> None:
        """Open the generation that is current, take a question through it, and let it answer from then on."""
        with ExitStack() as failing:
            try:
                index = failing.enter_context(open_current(self._settings))
                opened = self._build_pipeline(index)
                opened.pipeline.warm(self._clock())
            except Exception as error:  # whatever it is, there is one that answers
                unforeseen = None if isinstance(error, IngestError) else error
                log.warning("%s それまでは、前の索引「%s」で答えます。", error, self.generation, exc_info=unforeseen)
                self._again_at = monotonic() + _AGAIN_S
                return
            with self._lock:
                if self._closed.is_set() or index.name != current_name(self._settings):  # or taken back meanwhile
                    return
                before, self._opened = self._opened, opened
            failing.pop_all()
        if before:
            self._leaving.append((ref(before.pipeline), monotonic() + _LEAVING_S))
        del before
        gc.collect()  # it lies in cycles, and some gigabytes are not left to chance

    def _build_pipeline(self, index: Index) -> _Opened:
        said = file_stamps(*self._said)
        out, described = read_withdrawals(self._settings), read_edits(self._settings)
        shown = index.map_documents(lambda one: apply_edits(one, described)) if described else index
        shown = shown.excluding(out) if out else shown
        gc.unfreeze()  # a pipeline that a server froze at its start can go
        pipeline = Pipeline(
            shown,
            self._models.encoder,
            contact=self._settings.contact,
            generator=self._models.generator,
            reranker=self._models.reranker,
            ranker=self._models.ranker,
            shelf=self._shelf(),
            without=self._models.without,
        )
        return _Opened(index, pipeline, said)

    def close(self) -> None:
        """Let go of the index."""
        with self._lock:
            self._closed.set()
            opening = self._opening
        if opening:
            opening.join(_LAST_WORDS_S)
        with self._lock:
            if self._opened:
                self._opened.index.close()
                self._opened = None
