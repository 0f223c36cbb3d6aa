"""While the server runs, conversations older than the office keeps are deleted: at the start, and every few hours."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from bot.errors import BotError
from bot.service import Service
from ingest.errors import IngestError

_EVERY_S = 6 * 60 * 60
_LOG = logging.getLogger(__name__)


@contextmanager
def retention(service: Service, keep_days: int | None) -> Iterator[None]:
    """Delete what is older than `keep_days` in a thread of its own; several processes may do it, each row goes once.

    A failure is logged and tried again the next time. Without `keep_days` everything is kept.
    """
    if keep_days is None:
        yield
        return
    ended = Event()

    def run() -> None:
        while True:
            try:
                if (gone := service.forget_old(keep_days, "保存期間")).conversations:
                    _LOG.info("forgotten", extra={"conversations": gone.conversations, "answers": gone.answers})
            except (BotError, IngestError) as error:
                _LOG.warning("old conversations could not be deleted: %s", error)
            if ended.wait(_EVERY_S):
                return

    thread = Thread(target=run, name="retention", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
