"""The state of each source, in `sync.json` of the data folder, and the bodies that are kept aside."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from ingest.configuration.settings import Settings
from ingest.configuration.storage import StateFile, replace_file, translate_os_errors
from ingest.errors import StorageError

State = Literal["unchanged", "changed", "moved", "suspicious", "gone"]
STATES: Mapping[str, str] = {
    "unchanged": "変わりなし",
    "changed": "変わった",
    "moved": "移った",
    "suspicious": "疑わしい",
    "gone": "なくなった",
}
"""Japanese names of the states."""
NEEDS_ATTENTION: frozenset[State] = frozenset({"suspicious", "gone"})
_FILE = "sync.json"
_HELD = "held"


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is known of a source after the last fetch; times are ISO 8601 in UTC, digests SHA-256 of the file.

    Attributes:
        folder: the corpus folder.
        state: its state since `since`, for `reason` ("" if there is nothing to say).
        at: when the site last answered.
        changed: when the kept file was last replaced.
        failure: why the last fetch failed, "" if it did not.
        etag: the validator of the kept version, as is `modified`.
        digest: the version that was last accepted.
        held: the suspicious body that is kept aside, "" without one.
        held_text: title and beginning of that body, for people.
    """

    url: str
    file: str = ""
    id: str = ""
    folder: str = ""
    state: State = "unchanged"
    since: str = ""
    reason: str = ""
    at: str = ""
    changed: str = ""
    failure: str = ""
    etag: str = ""
    modified: str = ""
    digest: str = ""
    held: str = ""
    held_text: str = ""

    @property
    def name(self) -> str:
        """The id of its document, else the file."""
        return self.id or self.file

    @property
    def needs_attention(self) -> bool:
        """Whether a person should look at it."""
        return self.state in NEEDS_ATTENTION


def _file(settings: Settings) -> StateFile[SourceState]:
    return StateFile(settings.data, _FILE, SourceState, "")


def read_states(settings: Settings) -> dict[str, SourceState]:
    """Return the states by URL; none if the file was lost, so that everything is fetched again."""
    with suppress(StorageError):
        return _file(settings).read()
    return {}


def save_states(settings: Settings, states: Mapping[str, SourceState]) -> None:
    """Write the states atomically. Raises StorageError."""
    _file(settings).write(states)


def now_text() -> str:
    """Return the current time as the states have it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def held_file(settings: Settings, state: SourceState) -> Path:
    """Return the path of the body that is kept aside for a source, with the suffix of its file."""
    return settings.data / _HELD / f"{state.held}{Path(state.file).suffix.lower()}"


def hold_body(settings: Settings, body: bytes, suffix: str) -> str:
    """Keep a body aside and return its digest. Raises StorageError."""
    digest = hashlib.sha256(body).hexdigest()
    target = settings.data / _HELD / f"{digest}{suffix.lower()}"
    with translate_os_errors(settings.data):
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, lambda temporary: temporary.write_bytes(body))
    return digest


def remove_unused_bodies(settings: Settings, states: Mapping[str, SourceState]) -> None:
    """Delete the bodies that no source waits for."""
    used = {held_file(settings, state).name for state in states.values() if state.held}
    for file in (settings.data / _HELD).glob("*"):
        if file.name not in used:
            file.unlink(missing_ok=True)
