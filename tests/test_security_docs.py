"""Tests of docs/security: every point has its row, and the named tests and files exist."""

import re
from functools import cache

import pytest

from tests.conftest import ROOT

PAGES = ("docs/security.md", "docs/security.ja.md")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_FILE = re.compile(r"`((?:bot|ingest|eval|deploy|docs|prompts|tests)/[\w./-]*|Makefile|requirements\.lock)`")
_CODE = re.compile(r"^\| (LLM\d\d|V\d+) ", re.MULTILINE)


@cache
def text(page: str) -> str:
    """Return a page."""
    return (ROOT / page).read_text("utf-8")


@pytest.mark.parametrize("named", sorted({found for page in PAGES for found in _TEST.findall(text(page))}))
def test_each_named_test_exists(named: tuple[str, str]) -> None:
    file, name = named
    assert re.search(rf"^(?:async )?def {name}\(", text(file), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_each_named_file_exists(page: str) -> None:
    assert [name for name in _FILE.findall(text(page)) if not (ROOT / name).exists()] == []


def test_every_point_has_a_row_in_both_languages() -> None:
    english, japanese = map(text, PAGES)
    assert _CODE.findall(english) == _CODE.findall(japanese)
    assert {f"LLM{n:02}" for n in range(1, 11)} <= set(_CODE.findall(english))
    assert {f"V{n}" for n in range(1, 18)} == set(re.findall(r"\bV\d+\b", english))
    assert _TEST.findall(english) == _TEST.findall(japanese)


@pytest.mark.parametrize("page", PAGES)
def test_each_row_has_a_test(page: str) -> None:
    rows = [line for line in text(page).splitlines() if _CODE.match(line)]
    assert [row[:40] for row in rows if not _TEST.search(row)] == []
