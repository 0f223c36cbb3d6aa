"""The system's own sentences in easy words and in English: none of them is of something that nobody says."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

_NAMED = re.compile(r"\{\w*\}")
PHRASES = ROOT / "bot/plain/phrases.toml"
FIXED = [entry["standard"] for entry in tomllib.loads(PHRASES.read_text("utf-8"))["fixed"]]


@pytest.fixture(scope="module")
def said() -> str:
    """Return every text that `bot/` has in code or in a file of texts, with a NUL for what is put into it."""
    return "\n".join(_NAMED.sub("\0", text) for text in _texts())


def _texts() -> Iterator[str]:
    for file in (ROOT / "bot").rglob("*.py"):
        yield from _of_code(file)
    for file in (ROOT / "bot").rglob("*.toml"):
        if file != PHRASES:
            yield from _of_values(tomllib.loads(file.read_text("utf-8")))


def _of_code(file: Path) -> Iterator[str]:
    tree = ast.parse(file.read_text("utf-8"))
    named = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(_piece(part, named) for part in node.values)


def _piece(part: ast.expr, named: dict[str, str]) -> str:
    if isinstance(part, ast.FormattedValue):
        return named.get(part.value.id, "\0") if isinstance(part.value, ast.Name) else "\0"
    return str(part.value) if isinstance(part, ast.Constant) else ""


def _of_values(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _of_values(one)


@pytest.mark.parametrize("standard", FIXED)
def test_a_fixed_sentence_is_said_somewhere(standard: str, said: str) -> None:
    """Each stands in a text of `bot/` as it is written here."""
    assert _NAMED.sub("\0", standard) in said
