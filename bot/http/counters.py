"""Database storage for the `limits` library, shared by all processes."""

import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from limits.storage import Storage
from limits.storage.base import SlidingWindowCounterSupport, TimestampedSlidingWindow
from sqlalchemy import Delete, Engine, delete, event, select, text, update
from sqlalchemy.exc import DatabaseError

from bot.storage.tables import request_counts as counts

_MAX_KEY_CHARS = 200
_UNBOUNDED = 2**31 - 1
_SWEEP_S = 60.0

# A single statement, valid in SQLite and PostgreSQL, so that concurrent processes never count beyond `room`.
_INCREMENT = text(
    "INSERT INTO request_counts (key, times, expires) VALUES (:key, :times, :expires) "
    "ON CONFLICT (key) DO UPDATE SET times = request_counts.times + excluded.times "
    "WHERE request_counts.times < :room RETURNING times"
)


class DatabaseCounters(Storage, SlidingWindowCounterSupport, TimestampedSlidingWindow):
    """Counters by key that expire, with the methods that `limits` calls. They raise StorageError."""

    STORAGE_SCHEME = None

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._engine = engine
        self._clock = clock
        self._swept = 0.0
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _set_sqlite_pragmas)

    @property
    def base_exceptions(self) -> type[Exception]:
        """The exceptions that the library may wrap."""
        return DatabaseError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to a counter and return it."""
        return self._count(key, expiry, amount, _UNBOUNDED) or amount

    def get(self, key: str) -> int:
        """Return a counter, 0 if it has expired."""
        alive = select(counts.c.times).where(counts.c.key == _stored_key(key), counts.c.expires > self._clock())
        with self._engine.connect() as connection:
            return connection.scalar(alive) or 0

    def get_expiry(self, key: str) -> float:
        """Return when a counter expires, in seconds of the clock."""
        expiry = select(counts.c.expires).where(counts.c.key == _stored_key(key))
        with self._engine.connect() as connection:
            return connection.scalar(expiry) or self._clock()

    def check(self) -> bool:
        """Return whether the database can be read."""
        self.get("")
        return True

    def reset(self) -> int:
        """Delete all counters."""
        return self._delete_counts(delete(counts))

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def clear(self, key: str) -> None:
        """Delete one counter."""
        self._delete_counts(delete(counts).where(counts.c.key == _stored_key(key)))

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count if the current window plus the weighted previous one stay within the limit; return whether counted."""
        now = self._clock()
        previous, current = self.sliding_window_keys(key, expiry, now)
        weight = self.get(previous) * (1 - (now / expiry) % 1)
        room = limit - amount + 1 - weight  # from floor(weight + count) + amount <= limit
        return room > 0 and self._count(current, 2 * expiry, amount, room) is not None

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Return count and remaining seconds of the previous window, then of the current one."""
        now = self._clock()
        previous, current = self.sliding_window_keys(key, expiry, now)
        left = (1 - (now / expiry) % 1) * expiry
        last = self.get(previous)
        return last, left if last else 0.0, self.get(current), left + expiry

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Delete the counters of both windows."""
        for window_key in self.sliding_window_keys(key, expiry, self._clock()):
            self.clear(window_key)

    def take_back(self, key: str, expiry: int) -> None:
        """Undo one count in the current window."""
        current = self.sliding_window_keys(key, expiry, self._clock())[1]
        decrement = (
            update(counts)
            .where(counts.c.key == _stored_key(current), counts.c.times > 0)
            .values(times=counts.c.times - 1)
        )
        with self._engine.begin() as connection:
            connection.execute(decrement)

    def _count(self, key: str, expiry: float, amount: int, room: float) -> int | None:
        now = self._clock()
        if abs(now - self._swept) > _SWEEP_S:
            self._swept = now
            self._delete_counts(delete(counts).where(counts.c.expires <= now))
        row = {"key": _stored_key(key), "times": amount, "expires": now + expiry, "room": room}
        with self._engine.begin() as connection:
            return connection.execute(_INCREMENT, row).scalar()

    def _delete_counts(self, statement: Delete) -> int:
        with self._engine.begin() as connection:
            return connection.execute(statement).rowcount


def _stored_key(key: str) -> str:
    # A key ends with its window, so a long one is replaced by its digest instead of being cut.
    return key if len(key) <= _MAX_KEY_CHARS else sha256(key.encode(errors="surrogatepass")).hexdigest()


def _set_sqlite_pragmas(connection: Any, _record: object) -> None:
    # In WAL mode a power cut may then lose the latest counts, but does not damage the file.
    connection.execute("PRAGMA synchronous = NORMAL")
