"""Errors of the ingestion as problems for the console, without paths of the server's file system."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path

from bot.http.problems import UserFacingError
from ingest.configuration.settings import Settings
from ingest.errors import IngestError, NoIndexError, StorageError
from ingest.index.generation import load_generation


@contextmanager
def for_readers(settings: Settings, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY) -> Iterator[None]:
    """Convert an IngestError of the block to a UserFacingError with this status, a StorageError to a 503."""
    try:
        yield
    except StorageError as error:
        raise UserFacingError(HTTPStatus.SERVICE_UNAVAILABLE, hide_paths(str(error), settings)) from error
    except IngestError as error:
        raise UserFacingError(status, hide_paths(str(error), settings)) from error


def hide_paths(text: str, settings: Settings) -> str:
    """Return a message with each path in the data and corpus folders replaced by the name of its file or folder."""
    folders = {settings.data, settings.corpus}
    with suppress(NoIndexError):
        folders |= {Path(corpus) for corpus in load_generation(settings).basis.corpora}
    names = sorted({name for folder in folders for name in (str(folder), str(folder.resolve()))}, key=len, reverse=True)
    path = re.compile(rf"(?<![\w/.-])(?:{'|'.join(map(re.escape, names))})(?:/[^\s「」（）:、。]*|(?![\w/.-]))")
    return path.sub(lambda match: Path(match[0]).name, text)
