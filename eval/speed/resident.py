"""The memory that a process has resident."""

import re
import sys
from pathlib import Path


def resident_mb() -> float:
    """Return the megabytes that this process has resident now; its peak where the system does not tell (no /proc)."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text("ascii", "replace"))
        return int(found[1]) * 1024 / 1e6 if found else 0.0
    import resource  # noqa: PLC0415 -- Windows has none

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
