from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from ingest.errors import UnreadableDocumentError
from ingest.readers.pdf.page_picture import draw_page
from ingest.sandbox import Limits
from tests.ingest.pdf_files import Text, nested, page, pdf

FIRST, SECOND = "公園の清掃は年に六回行います。", "街路樹は五年ごとに剪定します。"


def drawn(folder: Path, *pages: bytes, number: int = 1, passage: str = "") -> Image.Image:
    (folder / "plan.pdf").write_bytes(pdf(*pages))
    picture = draw_page(folder / "plan.pdf", number, passage)
    assert picture
    return Image.open(BytesIO(picture))


def marked(picture: Image.Image) -> list[tuple[int, int]]:
    pixels = picture.convert("RGB").load()
    assert pixels
    rows = [y for y in range(picture.height) if any(pixels[x, y] == (255, 232, 120) for x in range(picture.width))]
    starts = [y for y in rows if y - 1 not in rows]
    ends = [y for y in rows if y + 1 not in rows]
    return [(round(a * 595 / 1200), round(b * 595 / 1200)) for a, b in zip(starts, ends, strict=True)]


def test_the_words_of_a_passage_are_highlighted(tmp_path: Path) -> None:
    body = page(Text(FIRST, base=742), Text(SECOND, base=642))
    picture = drawn(tmp_path, body, passage="街路樹は 五年ごとに\n剪定します。")
    assert picture.width == 1200
    ((top, bottom),) = marked(picture)
    assert 842 - 642 - 12 < top < bottom < 842 - 642 + 5
    assert marked(drawn(tmp_path, body)) == []
    assert marked(drawn(tmp_path, body, passage="どこにも書かれていない文です。")) == []


def test_only_the_figure_in_the_right_row_is_highlighted(tmp_path: Path) -> None:
    rows = [
        Text(text, left, base)
        for base, row in (
            (742, ("公園の清掃回数", "六回")),
            (642, ("街路樹の剪定", "六回")),
            (542, ("苗木の配布", "六回")),
        )
        for text, left in zip(row, (72, 300), strict=True)
    ]
    ((top, bottom),) = marked(drawn(tmp_path, page(*rows), passage="事業: 街路樹の剪定\n回数: 六回"))
    assert 842 - 642 - 12 < top < bottom < 842 - 642 + 5


def test_rendering_a_malicious_page_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "plan.pdf").write_bytes(nested())
    with pytest.raises(UnreadableDocumentError, match="1ページは、画像にするのに時間"):
        draw_page(tmp_path / "plan.pdf", 1, limits=Limits(1, 1.0, 2 << 30, 1 << 20))
