"""Encoder, reranker, ranker and language model, shared by all tenants of a process."""

from collections.abc import Collection
from threading import Lock
from typing import TYPE_CHECKING

from bot.retrieval.ranking import Ranker
from bot.retrieval.reranking import Reranker
from ingest.configuration.settings import Settings
from ingest.embedding import Encoder, open_encoder

if TYPE_CHECKING:
    from bot.generation.generate import Generator


class Models:
    """The models of a process, which keep no data of tenants; safe to share.

    `disabled_adjustments` names the ranking adjustments that an evaluation run switches off.
    """

    def __init__(self, settings: Settings, disabled_adjustments: Collection[str] = ()) -> None:
        self._settings = settings
        self.disabled_adjustments = frozenset(disabled_adjustments)
        # Loaded at once, so that a server with invalid settings does not start.
        self.reranker = Reranker(settings.reranker) if settings.reranker else None
        self.ranker = Ranker.load(settings.ranker)
        self.generator = _generator(settings)
        self._lock = Lock()
        self._encoder: Encoder | None = None

    @property
    def encoder(self) -> Encoder:
        """The encoder, opened with the first index. Raises IngestError."""
        with self._lock:
            self._encoder = self._encoder or open_encoder(self._settings)
            return self._encoder

    def close(self) -> None:
        """Close the language model."""
        if self.generator:
            self.generator.close()


def _generator(settings: Settings) -> "Generator | None":
    if not (settings.llm or settings.llm_gguf):
        return None
    from bot.generation.generate import Generator  # noqa: PLC0415 -- LangChain takes a second to import

    return Generator(settings)
