"""Passes documents to a measured process as a file of JSON lines."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter

from ingest.documents import ParsedDocument

_READING = TypeAdapter(ParsedDocument)


def write_readings(file: Path, readings: Sequence[ParsedDocument]) -> None:
    """Write documents for another process."""
    with file.open("wb") as lines:
        lines.writelines(_READING.dump_json(reading) + b"\n" for reading in readings)


def read_readings(file: Path) -> list[ParsedDocument]:
    """Return the documents that `write_readings` wrote."""
    with file.open("rb") as lines:
        return [_READING.validate_json(line) for line in lines]
