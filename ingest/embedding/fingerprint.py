"""Fingerprint of a model folder from names, sizes and times of its files."""

import hashlib
from pathlib import Path


def folder_fingerprint(folder: str) -> str:
    """Return a digest of the names, sizes and times of the files in `folder`; "" if there are none."""
    files = [path for path in sorted(Path(folder).rglob("*")) if path.is_file()] if folder else []
    states = [f"{path.relative_to(folder)} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files]
    return hashlib.sha256("\n".join(states).encode()).hexdigest() if files else ""
