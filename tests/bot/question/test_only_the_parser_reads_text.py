"""Tests that only bot/question interprets the text of a question."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot

BOT = Path(bot.__file__).parent
PACKAGES = ("retrieval", "relevance", "tables", "minutes", "provisions", "answers")
LATER = sorted(path for package in PACKAGES for path in (BOT / package).rglob("*.py"))
# Modules that compare the text with passages, by words or by a model, without interpreting it.
COMPARE_TEXT = {
    "answers/excerpt_renderer.py",
    "answers/generated.py",
    "answers/snippet.py",
    "relevance/evidence.py",
    "relevance/evidence_features.py",
    "relevance/reader.py",
    "retrieval/retrieve.py",
    "minutes/topic.py",
    "tables/compared_columns.py",
    "tables/aggregate.py",
    "tables/operations.py",
    "tables/table_query.py",
}
# Modules that interpret the text again. Remove them from the list by moving what they look for to a field of `Query`.
INTERPRET_TEXT = {"minutes/answerer.py", "answers/validity_period.py"}
TEXTS = {("turn", "question"), ("question", "question"), ("query", "text"), ("query", "topic")}


def is_text(node: ast.Attribute) -> bool:
    owner = node.value
    name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
    return (name, node.attr) in TEXTS or name == "texts"


def text_reads(tree: ast.AST) -> Iterator[ast.Attribute]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and is_text(node))


@pytest.mark.parametrize("path", LATER, ids=lambda path: path.relative_to(BOT).as_posix())
def test_later_packages_use_the_parsed_query(path: Path) -> None:
    lines = [node.lineno for node in text_reads(ast.parse(path.read_text("utf-8")))]
    assert bool(lines) is (path.relative_to(BOT).as_posix() in COMPARE_TEXT | INTERPRET_TEXT), lines


def test_every_package_is_covered() -> None:
    assert {path.relative_to(BOT).parts[0] for path in LATER} == set(PACKAGES)
