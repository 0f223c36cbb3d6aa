"""Notes that a proxy forwards requests whose headers are not trusted: all its visitors then count as one."""

import json
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from ingest.configuration.settings import Settings

log = logging.getLogger(__name__)
_FILE = "untrusted-proxy.json"
# After this time the note is about a proxy that is no longer used, or a client that sent the headers itself.
_LIFETIME = timedelta(days=7)


class UntrustedProxy(NamedTuple):
    """The private address that sent forwarding headers, and when."""

    address: str
    at: datetime


class UntrustedProxyNote:
    """Writes the first such request of a process to the log, and into the data folder for `doctor`.

    Only private addresses are noted: any visitor can send these headers, and visitors' addresses are not kept.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / _FILE
        self._is_noted = False

    def note(self, address: str) -> None:
        """Note a request with forwarding headers from an address that is not trusted."""
        if self._is_noted or not _is_private(address):
            return
        self._is_noted = True
        log.warning(
            "転送ヘッダー（X-Forwarded-For など）が、信頼していない %s から届きました。それがプロキシーなら、"
            "SHIRUBE_TRUSTED_PROXIES に入れてください。入れるまでは、すべての人がひとりとして数えられ、"
            "クッキーに Secure が付きません。",
            address,
        )
        with suppress(OSError):  # the log has it in any case
            self._file.write_text(json.dumps({"address": address, "at": datetime.now(UTC).isoformat()}), "utf-8")


def read_untrusted_proxy(settings: Settings) -> UntrustedProxy | None:
    """Return the newest note, or None if there is none, it is old, or the settings trust the address by now."""
    try:
        noted = json.loads((settings.data / _FILE).read_text("utf-8"))
        proxy = UntrustedProxy(noted["address"], datetime.fromisoformat(noted["at"]))
        is_trusted = any(ip_address(proxy.address) in network for network in settings.trusted_networks)
    except (OSError, ValueError, KeyError):
        return None
    return None if is_trusted or datetime.now(UTC) - proxy.at > _LIFETIME else proxy


def _is_private(address: str) -> bool:
    try:
        return ip_address(address).is_private
    except ValueError:
        return False
