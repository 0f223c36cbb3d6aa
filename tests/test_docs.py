"""The documents: what they link to is there, and the first page stays one that is read to its end."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

FIRST_PAGES = ("README.md", "README.ja.md")
PAGES = [
    *FIRST_PAGES,
    "eval/LOG.md",
    *sorted(str(path.relative_to(ROOT)) for folder in ("docs", "eval/cases") for path in (ROOT / folder).glob("*.md")),
]
DAYS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "eval/log").glob("*.md"))
MOST_BYTES = 9_000
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def links(page: str) -> Iterator[tuple[Path, str]]:
    """Yield each file that a page links to, itself too, with the heading in it, "" for none."""
    path = ROOT / page
    for file, heading in _LINK.findall(_CODE.sub("", path.read_text("utf-8"))):
        yield (path.parent / file if file else path), heading


def anchors(path: Path) -> set[str]:
    """Return the names that a Markdown file's headings get on GitHub."""
    return {
        re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in _HEADING.findall(path.read_text("utf-8"))
    }


@pytest.mark.parametrize("page", [*PAGES, *DAYS])
def test_each_link_leads_somewhere(page: str) -> None:
    """The file is there, and so is the heading that a link names."""
    gone = [
        (str(p), heading) for p, heading in links(page) if not p.exists() or (heading and heading not in anchors(p))
    ]
    assert gone == []


@pytest.mark.parametrize("page", FIRST_PAGES)
def test_the_first_page_stays_short(page: str) -> None:
    """What is more than a screen a topic stands in docs/."""
    assert len((ROOT / page).read_bytes()) < MOST_BYTES


def test_each_page_is_reached_from_a_first_page_and_each_day_from_the_log() -> None:
    """Nobody has to know the folders to find what is in them."""
    linked = {path.resolve() for page in FIRST_PAGES for path, _ in links(page)}
    assert {ROOT / day for day in DAYS} <= {path.resolve() for path, _ in links("eval/LOG.md")}
    assert [page for page in PAGES if (ROOT / page).resolve() not in linked | {ROOT / p for p in FIRST_PAGES}] == []
