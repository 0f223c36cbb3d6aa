"""Deletes expired conversations in the background while the server runs."""

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
def delete_expired_conversations(
    service: Service,
    keep_days: int | None,
    clock: Callable[[], float] = time.time,
    every_s: float = _EVERY_S,
) -> Iterator[None]:
    """Delete conversations older than `keep_days` in a thread, every `every_s` seconds; several processes may do so.

    A failure is logged and retried the next time. Nothing is deleted right after the clock was changed, or without
    `keep_days`.
    """
    if keep_days is None:
        yield
        return
    ended = Event()

    def run() -> None:
        offset = clock() - time.monotonic()
        while True:
            jumped = clock() - time.monotonic() - offset
            offset += jumped
            try:
                if abs(jumped) > _JUMP_S:
                    _LOG.warning("時計が%d秒動いたので、今回は古い会話を消しません。時計を確かめてください。", jumped)
                elif (deleted := service.forget_old(keep_days, "保存期間")).conversations:
                    _LOG.info("forgotten", extra={"conversations": deleted.conversations, "answers": deleted.answers})
            except (BotError, IngestError) as error:
                _LOG.warning("old conversations could not be deleted: %s", error)
            if ended.wait(every_s):
                return

    thread = Thread(target=run, name="retention", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
