"""Limits failed sign-ins by increasing delays, without locking anybody out.

Failures are counted per name and address (OWASP, Authentication Cheat Sheet), so that an attacker who guesses a
password does not delay its owner at another address.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, insert, select, update

from bot.auth.person import read_name
from bot.auth.sessions import secret_digest
from bot.errors import AccountError
from bot.http.limits import RateLimits
from bot.storage.tables import sign_in_failures as failures

# Attempts without a delay. Then it doubles from one second to the longest, which allows 100 attempts per day.
_FREE_ATTEMPTS = 5
_MAX_DELAY = timedelta(minutes=15)
# Failures are forgotten this long after the last delay.
_FORGET_AFTER = 2 * _MAX_DELAY
# A whole office may share one address.
_ATTEMPTS_PER_ADDRESS_AND_MINUTE = 60


class Attempts:
    """Failed sign-ins, shared by all processes. Raises StorageError if the database cannot be read or written."""

    def __init__(self, engine: Engine, limits: RateLimits) -> None:
        self._engine = engine
        self._limits = limits

    def wait_s(self, address: str, name: str) -> float:
        """Count an attempt and return 0; while delayed, return the seconds to wait instead of counting."""
        key = _key(address, name)
        now = datetime.now(UTC)
        with self._engine.begin() as connection:
            connection.execute(delete(failures).where(failures.c.until < now - _FORGET_AFTER))
            row = connection.execute(select(failures).where(failures.c.key == key)).first()
            # A delay beyond the longest was stored while the clock was wrong.
            delay: timedelta = row.until - now if row else timedelta()
            if timedelta() < delay <= _MAX_DELAY:
                return delay.total_seconds()
            times = row.times + 1 if row else 1
            statement = update(failures).where(failures.c.key == key) if row else insert(failures)
            connection.execute(statement.values(key=key, times=times, until=now + _delay(times)))
        return self._limits.wait_s("signin", address, _ATTEMPTS_PER_ADDRESS_AND_MINUTE)

    def record_success(self, address: str, name: str) -> None:
        """Remove the failures of a name at an address after a correct password."""
        with self._engine.begin() as connection:
            connection.execute(delete(failures).where(failures.c.key == _key(address, name)))
        self._limits.take_back("signin", address, _ATTEMPTS_PER_ADDRESS_AND_MINUTE)


def _delay(times: int) -> timedelta:
    if times < _FREE_ATTEMPTS:
        return timedelta()
    return min(timedelta(seconds=2 ** (min(times, 60) - _FREE_ATTEMPTS)), _MAX_DELAY)


def _key(address: str, name: str) -> str:
    try:
        return secret_digest(f"{address} {read_name(name)}")
    except AccountError:
        return secret_digest(f"{address} ")
