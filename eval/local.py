"""Measuring in this process: an index built for the run, or one that is there."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.service import open_service
from eval.ask import in_process
from eval.config import public
from eval.subject import Subject
from ingest.build import build
from ingest.settings import Settings


@contextmanager
def fresh_index(settings: Settings, corpora: Sequence[Path]) -> Iterator[Subject]:
    """Index `corpora` in a temporary folder and ask there, so that nothing of the service in use is touched."""
    with TemporaryDirectory(prefix="shirube-eval-") as folder:
        aside = settings.model_copy(update={"data": Path(folder), "chroma_url": None, "database_url": None})
        build(aside, corpora)
        with standing_index(aside) as subject:
            yield Subject(subject.ask, subject.config | {"corpus": [str(corpus) for corpus in corpora]})


@contextmanager
def standing_index(settings: Settings) -> Iterator[Subject]:
    """Ask the index in service in `settings.data`."""
    with open_service(settings) as service:
        yield Subject(in_process(service), {"settings": public(settings), "generation": service.generation})
