"""Pictures with text on pages that have text: read where they stand, and leading nothing."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ingest.documents import Document, Passage
from ingest.read import read_document, unread_pages
from tests.ingest.pdfs import lines, page, pasted, pdf, picture

DOCUMENT = Document("plan", "計画の題", "plan.pdf")
ABOVE = "この計画は、公園と緑地を市民と共に育てるために、市が四年ごとに定めるものです。"
BELOW = "見直しの結果は、毎年三月に広報と市の窓口でお知らせします。"
STEPS = ("第一章 市民の声を集めて整理します。", "第二章 会議で案をまとめて公表します。")
# Where it stands on a page: between what stands above and below.
PLACE = (72.0, 560.0, 450.0, 100.0)


def drawn() -> Image.Image:
    """Return a picture of two steps."""
    seen = picture(page(*lines(*STEPS, size=16, leading=40, top=780, left=72)))
    return seen.crop((0, 0, seen.width, seen.height * 2 // 7))


def read(folder: Path, *on_page: bytes, aside: bool = False) -> tuple[list[Passage], str | None]:
    """Return the passages of a page of text with pictures on it, and what is told of its unread ones.

    All that stands on it may lie on its side.
    """
    text = page(*lines("１ 計画の見直し", ABOVE, top=740), *lines(BELOW, top=500))
    content = b"\n".join((b"q 0 1 -1 0 842 0 cm" if aside else b"q", text, *on_page, b"Q"))
    (folder / "plan.pdf").write_bytes(pdf(content, size=(842, 595) if aside else (595, 842)))
    reading = read_document(folder / "plan.pdf", DOCUMENT)
    return list(reading.passages), unread_pages(reading)


@pytest.mark.parametrize("aside", [False, True], ids=["upright", "on its side"])
def test_a_picture_is_read_where_it_stands(tmp_path: Path, *, aside: bool) -> None:
    """It is a passage of its own with its confidence, between those above and below, which stay text."""
    passages, told = read(tmp_path, pasted(drawn(), *PLACE), aside=aside)
    assert ["".join(p.text.split()) for p in passages] == [ABOVE, "".join("".join(STEPS).split()), BELOW]
    assert [bool(p.confidence) for p in passages] == [False, True, False]
    assert told is None


def test_what_a_picture_says_heads_nothing(tmp_path: Path) -> None:
    """A numbered line in a picture is no chapter of the document."""
    passages, _ = read(tmp_path, pasted(drawn(), *PLACE))
    assert {p.path for p in passages} == {("１ 計画の見直し",)}


def test_strips_of_a_picture_are_read_as_one(tmp_path: Path) -> None:
    """A picture may be stored in strips, which cut its letters apart."""
    seen, (left, bottom, width, height) = drawn(), PLACE
    cut = seen.height // 4
    upper, lower = seen.crop((0, 0, seen.width, cut)), seen.crop((0, cut, seen.width, seen.height))
    share = height * cut / seen.height
    strips = (
        pasted(upper, left, bottom + height - share, width, share),
        pasted(lower, left, bottom, width, height - share),
    )
    passages, _ = read(tmp_path, *strips)
    assert STEPS[0].split()[1] in passages[1].text


@pytest.mark.parametrize("what", ["photograph", "small", "written on"])
def test_other_pictures_stay_unread_and_are_counted(what: str, tmp_path: Path) -> None:
    """So do photographs, also with letters in them, what is small, and what has its words in the text layer."""
    seen, (left, bottom, width, height) = drawn(), PLACE
    if what == "photograph":
        grain = np.random.default_rng(1).integers(-120, 120, (seen.height, seen.width, 3))
        seen = Image.fromarray(np.clip(np.asarray(seen.convert("RGB")) + grain, 0, 255).astype(np.uint8))
    if what == "small":
        width, height = width / 2, height / 2
    words = page(*lines(*[STEPS[0]] * 8, top=650, leading=12)) if what == "written on" else b""
    passages, told = read(tmp_path, pasted(seen, left, bottom, width, height), words)
    assert not any(p.confidence for p in passages)
    assert told == "画像・図1点（1ページ）は読んでいません。"


@pytest.mark.usefixtures("no_ocr")
def test_without_the_extra_the_way_to_it_is_told(tmp_path: Path) -> None:
    """The picture is counted with its page, and the keeper is told how it could be read."""
    _, told = read(tmp_path, pasted(drawn(), *PLACE))
    assert told
    assert told.startswith("画像・図1点（1ページ）は読んでいません。`make setup-ocr` で")
