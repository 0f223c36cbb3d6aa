"""Deletes expired conversations and unused originals in the background while the server runs."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from bot.errors import BotError
from bot.service import Service
from ingest.errors import IngestError

_EVERY_S = 6 * 60 * 60.0
# After a clock change of more than this, the age of conversations is not trusted.
_JUMP_S = 60 * 60.0
_LOG = logging.getLogger(__name__)


@contextmanager
def delete_expired_records(
    service: Service,
    keep_days: int | None,
    clock: Callable[[], float] = time.time,
    every_s: float = _EVERY_S,
) -> Iterator[None]:
    """Delete conversations older than `keep_days`, then the originals that no answer cites any more.

    A thread does so every `every_s` seconds; several processes may. A failure is logged and retried the next time. No
    conversation is deleted right after the clock was changed, or without `keep_days`.
    """
    ended = Event()

    def run() -> None:
        offset = clock() - time.monotonic()
        while True:
            jumped = clock() - time.monotonic() - offset
            offset += jumped
            try:
                if abs(jumped) > _JUMP_S:
                    _LOG.warning("時計が%d秒動いたので、今回は古い会話を消しません。時計を確かめてください。", jumped)
                elif keep_days and (deleted := service.forget_old(keep_days, "保存期間")).conversations:
                    _LOG.info("forgotten", extra={"conversations": deleted.conversations, "answers": deleted.answers})
                service.prune_originals("保存期間")
            except (BotError, IngestError, OSError) as error:
                _LOG.warning("old records could not be deleted: %s", error)
            if ended.wait(every_s):
                return

    thread = Thread(target=run, name="retention", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
