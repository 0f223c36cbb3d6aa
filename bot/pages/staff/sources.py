"""The sources of documents on the web: their states, and the confirmation of a suspicious version."""

from fastapi.responses import JSONResponse

from bot.pages.staff.console import OpenConsole, SentForm, console_router, done
from bot.pages.staff.reader_errors import for_readers
from ingest.lifecycle.sources import confirm, index_folder

SOURCES = "/staff/documents/sources"
router = console_router()


@router.post(SOURCES)
def confirm_source(console: OpenConsole, form: SentForm) -> JSONResponse:
    """Replace the kept document by the version that was kept aside, and index it."""
    person = console.person.require_publisher()
    with for_readers(console.settings):
        state, folder = confirm(console.settings, form.one("url"), person.name)
        index_folder(console.settings, folder, person.name)
    console.service.follow()
    return done(console.link("documents"), f"「{state.name}」を置き換えました。次の質問から、新しい内容で答えます。")
