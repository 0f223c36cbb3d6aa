"""Reads evaluation files line by line, with the location of each line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from eval.errors import SetFileError

ModelT = TypeVar("ModelT", bound=BaseModel)


def read_numbered_lines(file: Path) -> list[tuple[str, str]]:
    """Return the non-blank lines of `file`, each after its location "file:line".

    Only a line feed ends a line, because JSON strings may contain U+2028. Raises SetFileError.
    """
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SetFileError(f"{file}: 読めません({error})。UTF-8 のファイルを置いてください。") from error
    return [(f"{file}:{number}", line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]


def read_models(file: Path, model: type[ModelT], description: str) -> Iterator[tuple[str, ModelT]]:
    """Yield the lines of a JSON Lines file as objects of `model`, each after "file:line"; raises SetFileError."""
    for location, line in read_numbered_lines(file):
        try:
            yield location, model.model_validate_json(line)
        except ValidationError as error:
            raise SetFileError(f"{location}: {description}として読めません（{describe_problems(error)}）。") from error


def describe_problems(error: ValidationError) -> str:
    """Return the invalid fields, each with what is wrong with it."""
    problems = (
        f"{'.'.join(map(str, detail['loc']))}: {detail['msg'].removeprefix('Value error, ')}"
        for detail in error.errors()
    )
    return "、".join(problem.removeprefix(": ") for problem in problems)


def read_json_lines(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON Lines file."""
    return (json.loads(line) for _, line in read_numbered_lines(file))
