"""The project's corpus against the two source documents: nothing left out, nothing invented.

Both sides are compared as plain text after NFKC. The sources lie beside the repository, not in it; without them
the tests that need them are skipped.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
SOURCES = ROOT.parent / "shared" / "corpus"


# What corpus/ writes otherwise on purpose: the sources' misprints, and "this city" without its name.
MENDED = {"副市长": "副市長", "取り組めます": "取り組みます", "金沢Maas": "金沢MaaS", "本市": "金沢市"}

# An entry of a table of contents is a numbered title, a tab and perhaps a page. It is left out altogether: the page
# is no fact of the document, and the body numbers its sections differently.
CONTENTS_ENTRY = re.compile(r"^\d+\.(\d+\.)? [^\t]+\t\d*$", re.MULTILINE)
ERA_ABBREVIATION = re.compile(r"R(\d+)\.(\d+)月")
YEAR_IN_BOTH_CALENDARS = r"(?:平成|令和)\d+(?:\(\d{4}\)年|年\(\d{4}年\))(?:度|\d+月)?"
NUMBER_WITH_COUNTER = r"\d+(?:\.\d+)?(?:%減?|つ|か年|[一-龠々]+)?"
FIGURE = re.compile(f"{YEAR_IN_BOTH_CALENDARS}|{NUMBER_WITH_COUNTER}")
COUNT_OF_A_LIST = re.compile(r"次の\d+つ")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def normalised(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).replace("**", "")
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    for printed, mended in MENDED.items():
        text = text.replace(printed, mended)
    return ERA_ABBREVIATION.sub(lambda m: f"令和{m[1]}({2018 + int(m[1])})年{m[2]}月", text)


def without_spaces(text: str) -> str:
    return re.sub(r"(?<!\d)(?<!\d\.) | (?!\d)", "", " ".join(text.split()))


def occurs(figure: str, text: str) -> bool:
    start = r"(?<!\d)(?<!\d\.)" if figure[0].isdigit() else ""
    end = r"(?!\.?\d)" if figure[-1].isdigit() else ""
    return re.search(f"{start}{re.escape(figure)}{end}", text) is not None


def manifest(folder: Path) -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = tomllib.loads((folder / "manifest.toml").read_text("utf-8"))["document"]
    return documents


ENTRIES = manifest(CORPUS)
FILES = {entry["id"]: CORPUS / entry["file"] for entry in ENTRIES}
each_document = pytest.mark.parametrize("doc_id", FILES)


def restated(doc_id: str) -> str:
    return normalised(FILES[doc_id].read_text("utf-8"))


def source(doc_id: str) -> str:
    if not SOURCES.is_dir():
        pytest.skip("出典の文書(../shared/corpus)がないため、照合できません。")
    file = {entry["id"]: entry["file"] for entry in manifest(SOURCES)}[doc_id]
    return normalised(CONTENTS_ENTRY.sub("", (SOURCES / file).read_text("utf-8")))


def sections(text: str) -> Iterator[tuple[str, str]]:
    _, *parts = HEADING.split(text)
    yield from zip(parts[::2], parts[1::2], strict=True)


@each_document
def test_every_figure_of_the_source_is_restated(doc_id: str) -> None:
    figures = FIGURE.findall(source(doc_id))
    text = without_spaces(restated(doc_id))
    assert len(figures) > 20
    assert [figure for figure in figures if not occurs(figure, text)] == []


@each_document
def test_no_figure_is_invented(doc_id: str) -> None:
    text = without_spaces(source(doc_id))
    figures = FIGURE.findall(COUNT_OF_A_LIST.sub("", restated(doc_id)))
    assert [figure for figure in figures if not occurs(figure, text)] == []


@each_document
def test_every_section_names_its_source(doc_id: str) -> None:
    for heading, body in sections(restated(doc_id)):
        last = body.strip().splitlines()[-1]
        assert last.startswith("(出典: "), heading
        assert without_spaces(heading) in without_spaces(last), heading
