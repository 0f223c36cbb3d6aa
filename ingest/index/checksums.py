"""SHA-256 checksums of a folder's files, in the format of `sha256sum -c`."""

import hashlib
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

CHECKSUM_FILE = "SHA256SUMS"


def write_checksums(folder: Path) -> None:
    """Write the checksum of every file in `folder`; files written later are not covered."""
    sums = _compute_checksums(folder, _checked_files(folder))
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
    # Unreadable files have no checksum and count as altered.
    sums: dict[str, str] = {}
    for name in names:
        with suppress(OSError), (folder / name).open("rb") as file:
            sums[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return sums
