"""SHA-256 checksums of a folder's files, in the format of `sha256sum -c`."""

import hashlib
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ingest.configuration.storage import sync
from ingest.sandbox import core_count

CHECKSUM_FILE = "SHA256SUMS"


def write_checksums(folder: Path) -> None:
    """Write the checksum of every file in `folder`; files written later are not covered."""
    _write(folder, _compute_checksums(folder, _checked_files(folder)))


def add_checksums(folder: Path) -> None:
    """Add the checksums of files written since `write_checksums`."""
    sums = _read_checksums(folder)
    if new_sums := _compute_checksums(folder, _checked_files(folder) - sums.keys()):
        _write(folder, sums | new_sums)
        for name in (*new_sums, CHECKSUM_FILE):
            sync(folder / name)


def _write(folder: Path, sums: Mapping[str, str]) -> None:
    (folder / CHECKSUM_FILE).write_text("".join(f"{sums[name]}  {name}\n" for name in sorted(sums)), encoding="utf-8")


def altered_files(folder: Path, only: Collection[str] = ()) -> tuple[str, ...]:
    """Return the names of files that are missing, unreadable, changed or unlisted since `write_checksums`.

    `only` restricts the check to these files; an unreadable checksum file counts as altered itself.
    """
    try:
        listed = _read_checksums(folder)
    except (OSError, ValueError):
        return (CHECKSUM_FILE,)
    present = _checked_files(folder)
    names = set(only) or listed.keys() | present
    sums = _compute_checksums(folder, names & present & listed.keys())
    return tuple(sorted(name for name in names if name not in sums or sums[name] != listed[name]))


def _checked_files(folder: Path) -> set[str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix() for path in files if not path.name.startswith(".")}
    return names - {CHECKSUM_FILE}


def _read_checksums(folder: Path) -> dict[str, str]:
    sums: dict[str, str] = {}
    for line in (folder / CHECKSUM_FILE).read_text(encoding="utf-8").splitlines():
        checksum, name = line.split("  ", 1)
        sums[name] = checksum
    return sums


def _compute_checksums(folder: Path, names: Collection[str]) -> dict[str, str]:
    # The largest first, so that no thread ends alone with it; unreadable files have no checksum and count as altered.
    ordered = sorted(names, key=lambda name: (folder / name).stat().st_size, reverse=True)
    with ThreadPoolExecutor(core_count()) as pool:
        sums = pool.map(lambda name: _checksum(folder / name), ordered)
        return {name: checksum for name, checksum in zip(ordered, sums, strict=True) if checksum}


def _checksum(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
