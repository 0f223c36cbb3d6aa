"""Resident memory of this process."""

import re
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def memory_mb() -> dict[str, float]:
    """Return `rss_mb`, and where the system tells it `own_mb`: what is resident and no part of a file.

    Parts of mapped files are read again when they are needed; the system may give their memory to others.
    """
    return {"rss_mb": resident_mb()} | ({"own_mb": _status_value_mb("RssAnon")} if _STATUS.exists() else {})


def resident_mb() -> float:
    """Return the megabytes that this process has resident now; its peak where the system does not tell (no /proc)."""
    if _STATUS.exists():
        return _status_value_mb("VmRSS")
    import resource  # noqa: PLC0415 -- Windows has none

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def _status_value_mb(name: str) -> float:
    found = re.search(rf"{name}:\s+(\d+) kB", _STATUS.read_text("ascii", "replace"))
    return int(found[1]) * 1024 / 1e6 if found else 0.0
