"""Database storage for the `limits` library, shared by all processes."""

import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from limits.storage import Storage
from limits.storage.base import SlidingWindowCounterSupport, TimestampedSlidingWindow
from sqlalchemy import Column, Engine, Float, Integer, MetaData, String, Table, delete, event, select, text, update
from sqlalchemy.exc import DatabaseError

from bot.storage.database import translate_database_errors

metadata = MetaData()
counts = Table(
    "request_counts",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("times", Integer, nullable=False),
    Column("expires", Float, nullable=False, index=True),
)
# SQLite and PostgreSQL write it alike; one statement, so that two processes at once count two, and none beyond `room`.
_INCREMENT = text(
    "INSERT INTO request_counts (key, times, expires) VALUES (:key, :times, :expires) "
    "ON CONFLICT (key) DO UPDATE SET times = request_counts.times + excluded.times "
    "WHERE request_counts.times < :room RETURNING times"
)
_UNBOUNDED = 2**31 - 1
LONGEST_KEY = 200
_SWEEP_S = 60.0


class DatabaseCounters(Storage, SlidingWindowCounterSupport, TimestampedSlidingWindow):
    """Counters by key, each with an end. The methods are the library's; they raise StorageError."""

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
        """What the library may wrap."""
        return DatabaseError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count up and return the count."""
        return self._count(key, expiry, amount, _UNBOUNDED) or amount

    def get(self, key: str) -> int:
        """Return the count."""
        alive = select(counts.c.times).where(counts.c.key == _stored_key(key), counts.c.expires > self._clock())
        with translate_database_errors(), self._engine.connect() as connection:
            return connection.scalar(alive) or 0

    def get_expiry(self, key: str) -> float:
        """Return when a count ends, in seconds of the clock."""
        wanted = select(counts.c.expires).where(counts.c.key == _stored_key(key))
        with translate_database_errors(), self._engine.connect() as connection:
            return connection.scalar(wanted) or self._clock()

    def check(self) -> bool:
        """Return whether the database can be read."""
        self.get("")
        return True

    def reset(self) -> int:
        """Forget all counts."""
        return self._delete_counts(delete(counts))

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def clear(self, key: str) -> None:
        """Forget one."""
        self._delete_counts(delete(counts).where(counts.c.key == _stored_key(key)))

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count where that leaves this window, with the part of the last one that still weighs, within the limit."""
        now = self._clock()
        before, current = self.sliding_window_keys(key, expiry, now)
        weight = self.get(before) * (1 - (now / expiry) % 1)
        room = limit - amount + 1 - weight  # counts below it may grow: floor(weight + count) + amount <= limit
        return room > 0 and self._count(current, 2 * expiry, amount, room) is not None

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Return the count of the last window, how many seconds it weighs yet, and the same of this one."""
        now = self._clock()
        before, current = self.sliding_window_keys(key, expiry, now)
        left = (1 - (now / expiry) % 1) * expiry
        last = self.get(before)
        return last, left if last else 0.0, self.get(current), left + expiry

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget both windows."""
        for one in self.sliding_window_keys(key, expiry, self._clock()):
            self.clear(one)

    def take_back(self, key: str, expiry: int) -> None:
        """Count one less in this window."""
        current = self.sliding_window_keys(key, expiry, self._clock())[1]
        less = (
            update(counts)
            .where(counts.c.key == _stored_key(current), counts.c.times > 0)
            .values(times=counts.c.times - 1)
        )
        with translate_database_errors(), self._engine.begin() as connection:
            connection.execute(less)

    def _count(self, key: str, expiry: float, amount: int, room: float) -> int | None:
        """Count up and return the count; None where it has no room."""
        now = self._clock()
        if abs(now - self._swept) > _SWEEP_S:  # the table stays as small as the calls of two windows
            self._swept = now
            self._delete_counts(delete(counts).where(counts.c.expires <= now))
        given = {"key": _stored_key(key), "times": amount, "expires": now + expiry, "room": room}
        with translate_database_errors(), self._engine.begin() as connection:
            return connection.execute(_INCREMENT, given).scalar()

    def _delete_counts(self, which: Any) -> int:
        with translate_database_errors(), self._engine.begin() as connection:
            return int(connection.execute(which).rowcount)


def _stored_key(key: str) -> str:
    """Return a key as it is kept. Its window stands at the end: a long one is not cut, but told by a digest."""
    return key if len(key) <= LONGEST_KEY else sha256(key.encode(errors="surrogatepass")).hexdigest()


def _set_sqlite_pragmas(connection: Any, _record: object) -> None:
    """Let a power cut take the last counts along, which is no harm: the file stays whole (SQLite, WAL)."""
    connection.execute("PRAGMA synchronous = NORMAL")
