"""Limits failed sign-ins by increasing delays, without locking anybody out.

What is counted is a name from an address (OWASP, Authentication Cheat Sheet): whoever tries a name out is held up more
and more, and the person of that name comes in from any other address all the while.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, insert, select, update

from bot.auth.person import read_name
from bot.auth.secret import secret_digest
from bot.auth.tables import failures
from bot.errors import AccountError
from bot.http.limits import RateLimits
from bot.storage.database import translate_database_errors, with_utc

# Enough for a person who mistypes. The wait then doubles from a second to a quarter of an hour: 100 attempts in a day.
FREE = 5
LONGEST_WAIT = timedelta(minutes=15)
# After the longest wait, and as much again without an attempt, one begins anew.
FORGOTTEN = 2 * LONGEST_WAIT
# A whole office comes from one address, and mistypes more than one person does.
OF_AN_ADDRESS = 60


class Attempts:
    """Failures, known to every process. Raises StorageError where the database cannot be read or written."""

    def __init__(self, engine: Engine, limits: RateLimits) -> None:
        self._engine = engine
        self._limits = limits

    def wait_s(self, address: str, name: str) -> float:
        """Count an attempt; return 0 when it may be made, else the seconds to wait, and then it is not counted."""
        key, now = _key(address, name), datetime.now(UTC)
        with translate_database_errors(), self._engine.begin() as connection:
            connection.execute(delete(failures).where(failures.c.until < now - FORGOTTEN))
            row = connection.execute(select(failures).where(failures.c.key == key)).first()
            # A longer wait than the longest was written by a clock that was wrong.
            if row and now < with_utc(row.until) <= now + LONGEST_WAIT:
                return (with_utc(row.until) - now).total_seconds()
            times = row.times + 1 if row else 1
            counted = {"times": times, "until": now + _waiting_time(times)}
            mine = update(failures).where(failures.c.key == key)
            connection.execute((mine if row else insert(failures)).values(key=key, **counted))
        return self._limits.wait_s("signin", address, OF_AN_ADDRESS)

    def record_success(self, address: str, name: str) -> None:
        """Count an attempt no more: it was right."""
        with translate_database_errors(), self._engine.begin() as connection:
            connection.execute(delete(failures).where(failures.c.key == _key(address, name)))
        self._limits.take_back("signin", address, OF_AN_ADDRESS)


def _waiting_time(times: int) -> timedelta:
    return min(timedelta(seconds=2 ** (min(times, 60) - FREE)), LONGEST_WAIT) if times >= FREE else timedelta()


def _key(address: str, name: str) -> str:
    try:
        return secret_digest(f"{address} {read_name(name)}")
    except AccountError:
        return secret_digest(f"{address} ")
