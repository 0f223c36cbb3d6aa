"""Deletes expired conversations and unused originals in the background while the server runs."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from bot.errors import BotError
from bot.service import Service
from ingest.errors import IngestError

_EVERY_S = 6 * 60 * 60.0
_LOG = logging.getLogger(__name__)


@contextmanager
def delete_expired_records(service: Service, keep_days: int | None) -> Iterator[None]:
    """Delete conversations older than `keep_days`, then the originals that no answer cites any more.

    A thread does so every six hours; several processes may. A failure is logged and retried the next time. Without
    `keep_days` no conversation is deleted.
    """
    ended = Event()

    def run() -> None:
        while True:
            try:
                if keep_days and (deleted := service.forget_old(keep_days, "保存期間")).conversations:
                    _LOG.info("forgotten", extra={"conversations": deleted.conversations, "answers": deleted.answers})
                service.prune_originals("保存期間")
            except (BotError, IngestError, OSError) as error:
                _LOG.warning("old records could not be deleted: %s", error)
            if ended.wait(_EVERY_S):
                return

    thread = Thread(target=run, name="retention", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
