import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.pictures import PICTURES
from tests.tools.screenshots import IMAGES

FIRST_PAGES = ("README.md", "README.ja.md")
PAGES = [
    *FIRST_PAGES,
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/decisions/README.md",
    *sorted(str(path.relative_to(ROOT)) for folder in ("docs", "eval/cases") for path in (ROOT / folder).glob("*.md")),
]
INDEX = ROOT / "docs/decisions/README.md"
DECISIONS = sorted(path for path in INDEX.parent.glob("*.md") if path != INDEX)
MOST_BYTES = 9_000
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_TITLE = re.compile(r"# (\d{3}) (.+)")
_INDEX_ROW = re.compile(r"^\| \[(\d{3})\]\(([^)]+)\) \| (.+?) \| \S", re.MULTILINE)
_GAP = r"(?:[^\S\n]+|\n[ #]*)"  # a line may end within it, a paragraph may not
_DECISION = re.compile(rf"\b[Dd]ecisions?{_GAP}(\d{{3}}(?:(?:,| and| to){_GAP}\d{{3}})*)\b")


def links(page: str) -> Iterator[tuple[Path, str]]:
    path = ROOT / page
    for file, heading in _LINK.findall(_CODE.sub("", path.read_text("utf-8"))):
        yield (path.parent / file if file else path), heading


def anchors(path: Path) -> set[str]:
    return {
        re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in _HEADING.findall(path.read_text("utf-8"))
    }


def decision_names() -> Iterator[tuple[str, str]]:
    folders = ("bot", "ingest", "eval", "tests", "docs", "prompts")
    paths = [
        path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".md", ".json"}
    ]
    for path in [ROOT / "Makefile", *ROOT.glob("*.md"), *paths]:
        for numbers in _DECISION.findall(path.read_text("utf-8")):
            for number in re.findall(r"\d{3}", numbers):
                yield str(path.relative_to(ROOT)), number


@pytest.mark.parametrize("page", [*PAGES, *(str(path.relative_to(ROOT)) for path in DECISIONS)])
def test_each_link_resolves(page: str) -> None:
    gone = [
        (str(p), heading) for p, heading in links(page) if not p.exists() or (heading and heading not in anchors(p))
    ]
    assert gone == []


@pytest.mark.parametrize("page", FIRST_PAGES)
def test_readme_stays_short(page: str) -> None:
    assert len((ROOT / page).read_bytes()) < MOST_BYTES


def test_each_page_is_linked_from_a_readme() -> None:
    linked = {path.resolve() for page in FIRST_PAGES for path, _ in links(page)}
    assert [page for page in PAGES if (ROOT / page).resolve() not in linked | {ROOT / p for p in FIRST_PAGES}] == []


def test_decision_index_lists_each_page_once() -> None:
    titles = [_TITLE.match(path.read_text("utf-8")) for path in DECISIONS]
    pages = [(title[1], path.name, title[2]) for title, path in zip(titles, DECISIONS, strict=True) if title]
    assert len(pages) == len(DECISIONS)
    assert _INDEX_ROW.findall(INDEX.read_text("utf-8")) == pages
    numbers = [number for number, _, _ in pages]
    assert numbers == sorted(set(numbers))
    assert [name for number, name, _ in pages if not name.startswith(f"{number}-")] == []


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name)
def test_a_decision_has_question_options_and_decision(path: Path) -> None:
    text = path.read_text("utf-8")
    assert {"Question", "Options and figures", "Decision"} <= set(_HEADING.findall(text))
    assert re.search(r"^Date: \d{4}-\d\d-\d\d", text, re.MULTILINE)


def test_each_cited_decision_exists() -> None:
    numbers = {path.name[:3] for path in DECISIONS}
    assert [cited for cited in decision_names() if cited[1] not in numbers] == []


PAGE = "docs/security.ja.md"
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_FILE = re.compile(r"`((?:bot|ingest|eval|deploy|docs|prompts|tests)/[\w./-]*|Makefile|requirements\.lock)`")
_POINT = re.compile(r"^\| (LLM\d\d|V\d+) ", re.MULTILINE)


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
    assert {f"LLM{n:02}" for n in range(1, 11)} <= set(_POINT.findall(page))
    assert {f"V{n}" for n in range(1, 18)} == set(re.findall(r"\bV\d+\b", page))


def test_each_row_has_a_test() -> None:
    rows = [line for line in text(PAGE).splitlines() if _POINT.match(line)]
    assert [row[:40] for row in rows if not _TEST.search(row)] == []


SHOWN = re.compile(r"!\[[^\]]+\]\((?:docs/)?images/([^)]+)\)")
# A clone of the repository takes them all along.
MOST_PICTURE_BYTES = 2_200_000


def shown_pictures(page: str) -> list[str]:
    return SHOWN.findall((ROOT / page).read_text("utf-8"))


def test_the_page_of_the_pages_shows_each_picture_once() -> None:
    taken = sorted(picture.file for picture in PICTURES)
    kept = sorted(file.name for file in IMAGES.iterdir())
    assert sorted(shown_pictures("docs/pages.ja.md")) == taken == kept


def test_the_readmes_show_existing_pictures() -> None:
    there = {file.name for file in IMAGES.iterdir()}
    for page in ("README.md", "README.ja.md"):
        assert {"chat.webp", "staff.webp", "workbench.webp"} <= set(shown_pictures(page)) <= there


def test_the_pictures_stay_small() -> None:
    assert sum(file.stat().st_size for file in IMAGES.iterdir()) < MOST_PICTURE_BYTES
