"""Reads the role of a provider's session again, so that a removed role is not usable for longer than 15 minutes.

The provider is asked with the refresh token. Without one the browser asks it in a silent sign-in. Where neither
succeeds, the role last read remains usable for an hour, and then the session ends.
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


class SilentSignInNeeded(Exception):  # noqa: N818 -- not a failure
    """Only the browser can have the role read again."""


async def check_role(session: ActiveSession, *, can_redirect: bool) -> ActiveSession | None:
    """Return the session with a role that is recent enough, or None if it has ended.

    `can_redirect` says that a person is opening a page. Raises SilentSignInNeeded, and StorageError if the database
    cannot be used.
    """
    current: ActiveSession | None = session
    while current and (reading := current.reading):
        now = datetime.now(UTC)
        if current.provider is None or reading.issuer != current.provider.issuer:
            await _end(current)
            return None
        if now < reading.due:
            if now - reading.read <= MAX_AGE or (reading.is_unread and now - reading.read <= MAX_UNREAD_AGE):
                return current
        elif reading.has_refresh_token:
            if await _read_role(current, reading, now):
                return await run_in_threadpool(current.reload)
        elif now - reading.read > MAX_UNREAD_AGE:
            await _end(current)
            return None
        elif now - reading.read > MAX_AGE or can_redirect:
            raise SilentSignInNeeded
        else:
            return current
        await anyio.sleep(_POLL_S)  # another request is reading the role
        current = await run_in_threadpool(current.reload)
    return current


def save_failed_silent_sign_in(session: ActiveSession) -> None:
    """Let a session continue, although a silent sign-in did not succeed, until its role is an hour old."""
    if reading := session.reading:
        session.sessions.save_unread_role(session.secret, reading.read, reading.read + MAX_UNREAD_AGE)


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
