"""Only bot/question interprets the text of a question; later packages use the parsed query."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot

BOT = Path(bot.__file__).parent
# A language model receives the question itself.
READS_TEXT = {BOT / "answers" / "generated.py"}
PACKAGES = ("retrieval", "relevance", "tables", "answers")
LATER = sorted(path for package in PACKAGES for path in (BOT / package).rglob("*.py"))


def text_reads(tree: ast.AST) -> Iterator[ast.Attribute]:
    """Yield each read of a turn's text, its question, or the question's text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            if (name, node.attr) in {("turn", "text"), ("turn", "question"), ("question", "question")}:
                yield node


@pytest.mark.parametrize("path", LATER, ids=lambda path: path.relative_to(BOT).as_posix())
def test_later_packages_use_the_query(path: Path) -> None:
    """Retrieval, relevance, tables and answerers do not interpret the question's text again."""
    lines = [node.lineno for node in text_reads(ast.parse(path.read_text("utf-8")))]
    assert bool(lines) is (path in READS_TEXT), lines


def test_every_package_is_covered() -> None:
    """A renamed package would otherwise drop out of the check above."""
    assert {path.relative_to(BOT).parts[0] for path in LATER} == set(PACKAGES)
