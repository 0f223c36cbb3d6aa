"""The text of a question is read in one room: whoever comes later reads what was read."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot

BOT = Path(bot.__file__).parent
# The language model is given the question as it stands.
READS_TEXT = {BOT / "answerers" / "generated.py"}
LATER = sorted(path for room in ("search", "reader", "tables", "answerers") for path in (BOT / room).rglob("*.py"))


def raw_text(tree: ast.AST) -> Iterator[ast.Attribute]:
    """Yield where a turn's text, its question, or the question's text is read."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            if (name, node.attr) in {("turn", "text"), ("turn", "question"), ("question", "question")}:
                yield node


@pytest.mark.parametrize("path", LATER, ids=lambda path: path.relative_to(BOT).as_posix())
def test_no_later_room_reads_the_questions_text(path: Path) -> None:
    """It takes the query, in which every word was read once."""
    found = [node.lineno for node in raw_text(ast.parse(path.read_text("utf-8")))]
    assert bool(found) is (path in READS_TEXT), found


def test_the_rooms_are_looked_at() -> None:
    """A room that is renamed does not slip out of sight."""
    assert {path.relative_to(BOT).parts[0] for path in LATER} == {"search", "reader", "tables", "answerers"}
