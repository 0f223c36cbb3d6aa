"""Settings with a temporary data folder, so that a measurement leaves the service untouched."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.configuration.settings import Settings


@contextmanager
def temporary_settings(settings: Settings) -> Iterator[Settings]:
    """Yield `settings` with a temporary data folder and without external vector or database servers."""
    with TemporaryDirectory(prefix="shirube-eval-") as folder:
        yield settings.model_copy(update={"data": Path(folder), "chroma_url": None, "database_url": None})
