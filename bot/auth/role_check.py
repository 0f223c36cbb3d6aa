"""Reads the role of a provider's session again, so that a removed role is not usable for longer than 15 minutes.

The provider is asked with the refresh token; while it is away, the role last read remains usable for an hour, and then
the session ends. Without a refresh token the browser is sent through the provider again.
"""

from datetime import UTC, datetime, timedelta

import anyio
from starlette.concurrency import run_in_threadpool

from bot.auth.sessions import RoleReading
from bot.auth.sign_in import ActiveSession
from bot.errors import AccountError, ProviderAwayError

MAX_AGE = timedelta(minutes=15)
MAX_UNREAD_AGE = timedelta(hours=1)
# Processes that wait for another to read the role continue after this time.
_READING = timedelta(seconds=15)
_READING_TIMEOUT_S = 10.0
_POLL_S = 0.1
_RETRY = timedelta(minutes=1)


class ProviderSignInNeeded(Exception):  # noqa: N818 -- not a failure
    """Only a sign-in through the browser can have the role read again."""


async def check_role(session: ActiveSession) -> ActiveSession | None:
    """Return the session with a role that is recent enough, or None if it has ended.

    Raises ProviderSignInNeeded, and StorageError if the database cannot be used.
    """
    current: ActiveSession | None = session
    while current and (reading := current.reading):
        now = datetime.now(UTC)
        if current.provider is None or reading.issuer != current.provider.issuer:
            await _end(current)
            return None
        is_recent = now - reading.read <= MAX_AGE
        if not reading.has_refresh_token:
            if is_recent:
                return current
            raise ProviderSignInNeeded
        if now < reading.due:
            if is_recent or (reading.is_unread and now - reading.read <= MAX_UNREAD_AGE):
                return current
        elif await _read_role(current, reading, now):
            return await run_in_threadpool(current.reload)
        await anyio.sleep(_POLL_S)  # another request is reading the role
        current = await run_in_threadpool(current.reload)
    return current


async def _read_role(session: ActiveSession, reading: RoleReading, now: datetime) -> bool:
    assert session.provider is not None
    try:
        token = await run_in_threadpool(session.sessions.claim_role_reading, session.secret, now + _READING)
        if token is None:
            return False
        with anyio.fail_after(_READING_TIMEOUT_S):
            identity = await session.provider.read_again(token, reading.subject)
    except (AccountError, ValueError):  # ended at the provider, or unreadable
        await _end(session)
    except (ProviderAwayError, TimeoutError):
        last = reading.read + MAX_UNREAD_AGE
        if now > last:
            await _end(session)
        else:
            due = min(now + _RETRY, last)
            await run_in_threadpool(session.sessions.save_unread_role, session.secret, reading.read, due)
    else:
        await (run_in_threadpool(session.save_identity, identity) if identity.role else _end(session))
    return True


async def _end(session: ActiveSession) -> None:
    await run_in_threadpool(session.sessions.end, session.secret)
