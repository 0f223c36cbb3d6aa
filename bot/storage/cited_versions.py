"""Finds which versions of documents recorded answers and the office's own regression cases cite."""

import json
from contextlib import suppress

from sqlalchemy import Engine, select

from bot.storage.database import translate_database_errors
from bot.storage.tables import turns
from ingest.configuration.settings import Settings

# Answers that are read at once.
_BATCH = 500


def cited_versions(engine: Engine) -> set[tuple[str, str]]:
    """Return document id and version of every citation and related passage on record. Raises StorageError."""
    cited = set()
    with translate_database_errors(), engine.connect().execution_options(yield_per=_BATCH) as connection:
        for answer in connection.scalars(select(turns.c.answer)):
            for citation in (*answer.get("citations", ()), *answer.get("nearest", ())):
                if version := citation.get("version"):
                    cited.add((citation["doc_id"], version))
    return cited


def cited_in_cases(settings: Settings) -> set[str]:
    """Return the ids of the documents that the cases written by the office cite (`doc_id#section`)."""
    cited = set()
    for file in (settings.cases or settings.data / "cases").glob("*.jsonl"):
        with suppress(OSError, UnicodeDecodeError):
            for line in file.read_text("utf-8").splitlines():
                with suppress(ValueError, AttributeError):
                    cited |= {str(one).partition("#")[0] for one in json.loads(line).get("cite", ())}
    return cited
