"""Reads evaluation files line by line, with the location of each line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval.errors import SetFileError


def read_numbered_lines(file: Path) -> list[tuple[str, str]]:
    """Return the non-blank lines of `file`, each after its location "file:line".

    Only a line feed ends a line, because JSON strings may contain U+2028. Raises SetFileError.
    """
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SetFileError(f"{file}: 読めません({error})。UTF-8 のファイルを置いてください。") from error
    return [(f"{file}:{number}", line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]


def read_json_lines(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON Lines file."""
    return (json.loads(line) for _, line in read_numbered_lines(file))
