"""Passes documents to a measured process as a file of JSON lines."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter

from ingest.documents import Reading

_READING = TypeAdapter(Reading)


def write_readings(file: Path, readings: Sequence[Reading]) -> None:
    """Write `readings` for another process."""
    with file.open("wb") as lines:
        lines.writelines(_READING.dump_json(reading) + b"\n" for reading in readings)


def read_readings(file: Path) -> list[Reading]:
    """Return what `write_readings` wrote."""
    with file.open("rb") as lines:
        return [_READING.validate_json(line) for line in lines]
