"""Work that is done before anybody waits for it, in quiet moments, on a thread that ends with the server."""

from collections.abc import Callable
from threading import Event, Thread
from time import monotonic

from bot.errors import BotError
from ingest.errors import IngestError

# Nothing is begun for so long after somebody asked, so that answers have the processor for themselves.
_QUIET_S = 1.0
# Behind each step so many times its own time is left to whatever else there is to do.
_REST = 2.0
# Until it is looked anew whether there is more to do: another index in service, another day.
_NEXT_LOOK_S = 30.0


class Ahead:
    """Takes one `step` after the other, each of about an answer's time; a step says whether there is another."""

    def __init__(self, step: Callable[[], bool]) -> None:
        self._step = step
        self._asked = -_QUIET_S
        self._ended = Event()
        self._thread: Thread | None = None

    def begin(self) -> None:
        """Begin on a thread; once is enough."""
        if self._thread is None:
            self._thread = Thread(target=self._run, name="ahead", daemon=True)
            self._thread.start()

    def asked(self) -> None:
        """Hear that somebody asks: for now no step is begun."""
        self._asked = monotonic()

    def end(self) -> None:
        """End, after the step that is under way."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        wait = 0.0
        while not self._ended.wait(wait):
            start = monotonic()
            if start - self._asked < _QUIET_S:
                wait = _QUIET_S
            else:
                more = self._is_more()
                wait = _REST * (monotonic() - start) if more else _NEXT_LOOK_S

    def _is_more(self) -> bool:
        """Take a step; without an index there is none to take, and who asks is told so."""
        try:
            return self._step()
        except (BotError, IngestError):
            return False
