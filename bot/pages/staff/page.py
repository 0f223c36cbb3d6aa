"""Adds the console to a server."""

from fastapi import FastAPI

from bot.curation.dictionary.csv_file import MAX_BYTES
from bot.pages.staff import (
    answering,
    answers,
    calls,
    console,
    departments,
    dictionary,
    document_actions,
    documents,
    queue,
    sources,
    usage_report,
)
from ingest.configuration.settings import Settings

PARTS = (
    console,
    answers,
    calls,
    documents,
    document_actions,
    sources,
    departments,
    dictionary,
    queue,
    answering,
    usage_report,
)


def mount_console(app: FastAPI, settings: Settings) -> None:
    """Add the pages of the console; their roles are in `bot/auth/access.toml`."""
    app.state.settings = settings
    app.state.larger_bodies[document_actions.UPLOAD] = documents.MAX_UPLOAD_MB * 1_000_000
    app.state.larger_bodies[dictionary.IMPORT] = 2 * MAX_BYTES
    for part in PARTS:
        app.include_router(part.router)
