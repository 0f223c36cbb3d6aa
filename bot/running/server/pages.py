"""Adds every page to an application: the staff console and the Gradio pages."""

from fastapi import FastAPI

from bot.answering.question.office_dictionary import MAX_BYTES
from bot.channels.pages.citizen.citizen_page import CITIZEN
from bot.channels.pages.mount import mount_page, offered_pages
from bot.desk.pages import call_pages, console, dictionary_pages, document_pages, faq_pages, office_pages, queue_pages
from bot.running.server_state import server_state

# In the order in which their routes are tried.
_CONSOLE = (console, call_pages, document_pages, faq_pages, office_pages, queue_pages, dictionary_pages)


def mount_pages(app: FastAPI) -> FastAPI:
    """Add every page to `app` and return it; the page at `/` comes last, because it matches all other paths."""
    mount_console(app)
    for page in (*offered_pages(), CITIZEN):
        mount_page(app, page)
    return app


def mount_console(app: FastAPI) -> None:
    """Add the pages of the staff console."""
    larger_bodies = server_state(app).larger_bodies
    larger_bodies[document_pages.UPLOAD] = document_pages.MAX_UPLOAD_MB * 1_000_000
    larger_bodies[faq_pages.UPLOAD] = faq_pages.MAX_UPLOAD_MB * 1_000_000
    larger_bodies[dictionary_pages.FILE] = 2 * MAX_BYTES
    for module in _CONSOLE:
        app.include_router(module.router)
