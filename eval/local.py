"""Measuring in this process: an index built for the run, or one that is there."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.service import open_service
from eval.aside import aside
from eval.ask import in_process
from eval.config import public
from eval.subject import Subject
from ingest.build import build
from ingest.settings import Settings


@contextmanager
def fresh_index(settings: Settings, corpora: Sequence[Path]) -> Iterator[Subject]:
    """Index `corpora` in a temporary folder and ask there, so that nothing of the service in use is touched."""
    with aside(settings) as apart:
        build(apart, corpora)
        with standing_index(apart) as subject:
            yield Subject(subject.ask, subject.config | {"corpus": [str(corpus) for corpus in corpora]})


@contextmanager
def standing_index(settings: Settings) -> Iterator[Subject]:
    """Ask the index in service in `settings.data`."""
    with open_service(settings) as service:
        yield Subject(in_process(service), {"settings": public(settings), "generation": service.generation})
