"""What a run measures: an index built for it, an index that is there, or a running server."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.service import open_service
from eval.ask import Ask, in_process, over_http
from ingest.build import build
from ingest.settings import Settings


@dataclass(frozen=True, slots=True)
class Subject:
    """The door to ask through, and what describes it in config.json."""

    ask: Ask
    config: dict[str, Any]


@contextmanager
def fresh_index(settings: Settings, corpora: Sequence[Path]) -> Iterator[Subject]:
    """Index `corpora` in a temporary folder and ask there: the records of real users stay as they are."""
    with TemporaryDirectory(prefix="shirube-eval-") as folder:
        # The records belong to the run too, wherever the settings keep those of the service.
        aside = settings.model_copy(update={"data": Path(folder), "database_url": None})
        build(aside, corpora)
        with standing_index(aside) as subject:
            yield Subject(subject.ask, subject.config | {"corpus": [str(corpus) for corpus in corpora]})


@contextmanager
def standing_index(settings: Settings) -> Iterator[Subject]:
    """Ask the index in service in `settings.data`."""
    with open_service(settings) as service:
        yield Subject(in_process(service), {"settings": public(settings), "generation": service.generation})


@contextmanager
def server(url: str) -> Iterator[Subject]:
    """Ask the server at `url`, which keeps its settings to itself."""
    with over_http(url) as ask:
        yield Subject(ask, {"url": without_user(url)})


def public(settings: Settings) -> dict[str, Any]:
    """Return the settings with each secret reduced to whether it is set, and no user or password in a URL."""
    shown = {name: _public(value) for name, value in settings}
    return {name: str(value) if isinstance(value, Path) else value for name, value in shown.items()}


def _public(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return "(設定あり)"
    return without_user(value) if isinstance(value, str) else value


def without_user(url: str) -> str:
    """Return `url` without user and password; any other text as it is."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if parts.netloc else url
