import re
from functools import cache

import pytest

from tests.conftest import ROOT

PAGE = "docs/security.ja.md"
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_FILE = re.compile(r"`((?:bot|ingest|eval|deploy|docs|prompts|tests)/[\w./-]*|Makefile|requirements\.lock)`")
_CODE = re.compile(r"^\| (LLM\d\d|V\d+) ", re.MULTILINE)


@cache
def text(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


@pytest.mark.parametrize("named", sorted(set(_TEST.findall(text(PAGE)))))
def test_each_named_test_exists(named: tuple[str, str]) -> None:
    file, name = named
    assert re.search(rf"^(?:async )?def {name}\(", text(file), re.MULTILINE)


def test_each_named_file_exists() -> None:
    assert [name for name in _FILE.findall(text(PAGE)) if not (ROOT / name).exists()] == []


def test_every_point_has_a_row() -> None:
    page = text(PAGE)
    assert {f"LLM{n:02}" for n in range(1, 11)} <= set(_CODE.findall(page))
    assert {f"V{n}" for n in range(1, 18)} == set(re.findall(r"\bV\d+\b", page))


def test_each_row_has_a_test() -> None:
    rows = [line for line in text(PAGE).splitlines() if _CODE.match(line)]
    assert [row[:40] for row in rows if not _TEST.search(row)] == []
