from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from ingest.documents import Document, Line
from ingest.errors import UnreadableDocumentError
from ingest.passages.document_reading import read_document, unread_parts_warning
from ingest.readers import read_lines
from ingest.readers.pdf.page_picture import draw_page
from ingest.readers.scans.ocr import normalise_ocr_text
from ingest.sandbox import Limits
from tests.ingest.pdf_files import PICTURE, Text, lines, nested, page, pdf, picture, scan

DOCUMENT = Document("plan", "計画の題", "plan.pdf")
FIRST = "この計画は、公園と緑地を市民と共に育てるために、市が四年ごとに定めるものです。"
TITLE = "緑の計画の見直しと市民の参加について、市の考えと進め方を示す案"
LEFT = (
    "公園の清掃は年に六回行い、",
    "落ち葉は堆肥にして配ります。",
    "遊具の点検は毎月行います。",
    "結果は広報に載せます。",
)
RIGHT = (
    "街路樹は五年ごとに剪定し、",
    "枯れた木は植え替えます。",
    "苗木は春と秋に配ります。",
    "申込みは窓口で受けます。",
)


def paper() -> Image.Image:
    return picture(
        page(
            *lines(TITLE, size=14, top=790, left=60),
            *lines(*LEFT, size=14, leading=24, top=750, left=60),
            *lines(*RIGHT, size=14, leading=24, top=750, left=330),
        )
    )


def read_scan(folder: Path, data: bytes, name: str = "plan.pdf") -> list[Line]:
    path = folder / name
    path.write_bytes(data)
    return [line for line in read_lines(path) if line.text]


@pytest.mark.parametrize(
    "turned",
    [
        lambda seen: seen.rotate(1, fillcolor=255),
        lambda seen: seen.rotate(180),
        lambda seen: seen.rotate(90, expand=True),
    ],
    ids=["askew", "on its head", "on its side"],
)
def test_a_picture_is_read_column_by_column(turned: Callable[[Image.Image], Image.Image], tmp_path: Path) -> None:
    found = read_scan(tmp_path, scan(turned(paper())))
    assert "".join(line.text for line in found) == "".join((TITLE, *LEFT, *RIGHT))
    confidences = [(p.page, p.confidence or 0) for p in read_document(tmp_path / "plan.pdf", DOCUMENT).passages]
    assert all(page == 1 and confidence > 0.9 for page, confidence in confidences)


def test_a_scanned_passage_has_an_ocr_confidence(tmp_path: Path) -> None:
    path = tmp_path / "plan.tiff"
    seen = picture(page(*lines("市の窓口は平日の九時から開いています。", size=16)))
    seen.save(path, save_all=True, append_images=[seen])
    assert [(p.text, p.page, bool(p.confidence)) for p in read_document(path, DOCUMENT).passages] == [
        ("市の窓口は平日の九時から開いています。", 1, True),
        ("市の窓口は平日の九時から開いています。", 2, True),
    ]
    (tmp_path / "plan.pdf").write_bytes(pdf(page(*lines(FIRST))))
    assert [p.confidence for p in read_document(tmp_path / "plan.pdf", DOCUMENT).passages] == [None]


def test_a_picture_without_letters_is_reported_as_unread(tmp_path: Path) -> None:
    (tmp_path / "plan.pdf").write_bytes(pdf(page(*lines(FIRST)), PICTURE))
    output = unread_parts_warning(read_document(tmp_path / "plan.pdf", DOCUMENT))
    assert output
    assert output.startswith("2ページは文字を読み取れない")
    assert "setup-ocr" not in output


@pytest.mark.usefixtures("no_ocr")
def test_without_ocr_the_error_names_the_extra(tmp_path: Path) -> None:
    drawn = BytesIO()
    paper().save(drawn, "PNG")
    for name, data in (("plan.pdf", scan(paper())), ("plan.png", drawn.getvalue())):
        with pytest.raises(UnreadableDocumentError, match=r"make setup-ocr"):
            read_scan(tmp_path, data, name)


@pytest.mark.parametrize(("name", "expected"), [("plan.png", "壊れているか"), ("plan.jpg", "壊れているか")])
def test_a_damaged_picture_is_refused(name: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocumentError, match=expected):
        read_scan(tmp_path, b"no picture", name)


def test_a_form_pasted_as_a_picture_is_read(tmp_path: Path) -> None:
    whole = paper().convert("L")
    seen = whole.crop((0, 0, whole.width, whole.height // 3))
    pasted = b"q 510 0 0 480 40 250 cm BI /W %d /H %d /CS /G /BPC 8 ID " % seen.size + seen.tobytes() + b" EI Q"
    found = read_scan(tmp_path, pdf(page(*lines("様式第3号")) + b"\n" + pasted))
    assert any("公園の清掃は年に六回行い" in line.text for line in found)


def test_unread_pictures_on_text_pages_are_counted(tmp_path: Path) -> None:
    photograph = b"q 300 0 0 200 72 100 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q"
    (tmp_path / "plan.pdf").write_bytes(pdf(page(*lines(*[FIRST] * 4)), page(*lines(FIRST)) + b"\n" + photograph))
    output = unread_parts_warning(read_document(tmp_path / "plan.pdf", DOCUMENT))
    assert output == "画像・図1点（2ページ）は読んでいません。"


@pytest.mark.parametrize(
    ("read_as", "written"),
    [
        ("計画 の 期間", "計画の期間"),
        ("(1)申出", "（1）申出"),
        ("(IoT)", "(IoT)"),
        ("公園,緑地", "公園、緑地"),
        ("1,234人", "1,234人"),
        ("市が定める.", "市が定める。"),
        ("サ一ビス", "サービス"),
        ("様式1ー4", "様式1－4"),
        ("ー般会計", "一般会計"),
        ("みどリのまち", "みどりのまち"),
        ("まちのリーダー", "まちのリーダー"),
        ("すベての人", "すべての人"),
        ("「べビーカー」", "「ベビーカー」"),
        ("駅へバスで", "駅へバスで"),
        ("ノー卜", "ノート"),
        ("合和5年", "令和5年"),
        ("2ー1 対象", "2－1 対象"),
        ("3 歳児", "3歳児"),
        ("•ﾊﾞｽ路線", "・バス路線"),
        ("O", "○"),
        ("IT strategy 2030", "IT strategy 2030"),
    ],
)
def test_ocr_output_is_normalised_to_japanese(read_as: str, written: str) -> None:
    assert normalise_ocr_text(read_as) == written


FIRST_PICTURE, SECOND = "公園の清掃は年に六回行います。", "街路樹は五年ごとに剪定します。"


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
    body = page(Text(FIRST_PICTURE, base=742), Text(SECOND, base=642))
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
