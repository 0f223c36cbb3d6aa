"""The pipeline over the generation in service, opened anew when another is made current or documents change."""

import gc
from collections.abc import Callable
from threading import Lock

from bot.answerers.curated import Shelf
from bot.models import Models
from bot.pipeline import Pipeline
from ingest.edited import EDITED, edited, edits
from ingest.generation import CURRENT
from ingest.index import Index, current_name, open_index
from ingest.settings import Settings
from ingest.storage import stamp
from ingest.withdrawn import WITHDRAWN, withdrawn


class InService:
    """Opens the index that answers, and follows what is put in service; safe to share."""

    def __init__(self, settings: Settings, models: Models, shelf: Callable[[], Shelf]) -> None:
        self._settings = settings
        self._models = models
        self._shelf = shelf
        self._pipeline: Pipeline | None = None
        self._index: Index | None = None
        # They change with the generation, with what is withdrawn, and with what is said of documents.
        self._files = tuple(settings.data / name for name in (CURRENT, WITHDRAWN, EDITED))
        self._stamp: object = None
        # What `current` named when the pipeline was opened, which has another index where that one is damaged.
        self._named: str | None = None
        self._lock = Lock()

    @property
    def generation(self) -> str | None:
        """The name of the index that answers, or None while there is none."""
        named, pipeline = current_name(self._settings), self._pipeline
        return pipeline.index.name if pipeline and self._named == named else named

    def __call__(self) -> Pipeline:
        """Return the pipeline of the generation in service, without the documents that are withdrawn.

        A new one is opened when another generation was made current, a document was withdrawn or restored, or what is
        said of one was changed. Raises NoIndexError and its kin.
        """
        with self._lock:
            changed = stamp(*self._files)
            if self._pipeline is None or self._stamp != changed:
                named = current_name(self._settings)
                out, described = withdrawn(self._settings), edits(self._settings)
                if self._index is None or self._named != named:
                    self._index = open_index(self._settings)
                index = self._index.described(lambda one: edited(one, described)) if described else self._index
                index = index.without(out) if out else index
                gc.unfreeze()  # a pipeline that a server froze at its start can go
                self._pipeline = Pipeline(
                    index,
                    self._models.encoder,
                    contact=self._settings.contact,
                    generator=self._models.generator,
                    reranker=self._models.reranker,
                    ranker=self._models.ranker,
                    shelf=self._shelf(),
                )
                self._named, self._stamp = named, changed
            return self._pipeline

    def close(self) -> None:
        """Let go of the index."""
        with self._lock:
            if self._index:
                self._index.close()
                self._index = self._pipeline = None
