"""Resident memory of this process."""

import re
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def memory_mb() -> dict[str, float]:
    """Return `rss_mb`, and on Linux `own_mb`: resident memory that is not part of a mapped file.

    Mapped files can be read again, so the system may give their memory to others.
    """
    return {"rss_mb": resident_mb()} | ({"own_mb": _status_value_mb("RssAnon")} if _STATUS.exists() else {})


def resident_mb() -> float:
    """Return the resident memory in megabytes; its peak on systems without /proc."""
    if _STATUS.exists():
        return _status_value_mb("VmRSS")
    import resource  # noqa: PLC0415 -- Windows has none

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def _status_value_mb(name: str) -> float:
    match = re.search(rf"{name}:\s+(\d+) kB", _STATUS.read_text("ascii", "replace"))
    return int(match[1]) * 1024 / 1e6 if match else 0.0
