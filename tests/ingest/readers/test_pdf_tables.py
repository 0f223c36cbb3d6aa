from itertools import pairwise
from pathlib import Path

import pytest

from ingest.documents import Document, Passage
from ingest.passages.document_reading import read_document, unread_parts_warning
from ingest.readers import read_lines
from tests.ingest.pdf_files import Text, box, cells, lines, page, pdf, picture_in, ruled, stroke

DOCUMENT = Document("plan", "計画の題", "plan.pdf")
XS, YS = (72, 192, 292, 392), (700, 680, 660, 640)
NAMES = ("施設", "開館日数", "利用者")
ROWS = (("中央図書館", "290日", "12,400人"), ("北公民館", "310日", "5,800人"))


def passages(folder: Path, *pages: bytes) -> tuple[Passage, ...]:
    path = folder / "plan.pdf"
    path.write_bytes(pdf(*pages))
    return read_document(path, DOCUMENT).passages


def rows(folder: Path, *pages: bytes) -> list[list[tuple[str, str]]]:
    return [[(c.column, c.value) for c in p.cells] for p in passages(folder, *pages) if p.kind == "row"]


def texts(folder: Path, *pages: bytes) -> list[str]:
    path = folder / "plan.pdf"
    path.write_bytes(pdf(*pages))
    return [line.text for line in read_lines(path) if line.text]


def sheet(drawn: bytes, *of_page: Text) -> bytes:
    return drawn + b"\n" + page(*of_page)


def test_coloured_rectangles_can_form_a_table(tmp_path: Path) -> None:
    colours = ["0.2 0.4 0.8", "0.8 0.85 1", "0.9 0.95 1"]
    drawn = b"\n".join(
        box(left, low, right, top, colour)
        for top, low, colour in zip(YS, YS[1:], colours, strict=False)
        for left, right in pairwise(XS)
    )
    assert rows(tmp_path, sheet(drawn, *cells(XS, YS, NAMES, *ROWS)))[1][2] == ("利用者", "5,800人")


def test_a_merged_cell_is_repeated_and_an_empty_one_stays_empty(tmp_path: Path) -> None:
    drawn = b"\n".join([ruled(XS, (700, 680, 640)), stroke(XS[1], 660, XS[-1], 660)])
    found = rows(tmp_path, sheet(drawn, *cells(XS, YS, NAMES, ("北地区", "290日", "12,400人"), ("", "310日", ""))))
    assert found == [
        [("施設", "北地区"), ("開館日数", "290日"), ("利用者", "12,400人")],
        [("施設", "北地区"), ("開館日数", "310日")],
    ]


def test_a_group_of_rows_is_not_a_header(tmp_path: Path) -> None:
    ys = (700, 680, 660, 640, 620)
    drawn = b"\n".join([ruled(XS, (700, 660, 620)), *(stroke(XS[2], y, XS[3], y) for y in (680, 640))])
    words = cells(XS, ys, ("一", "開館", "いつ"), ("", "", "どこで"), ("二", "閉館", "いつ"), ("", "", "どこで"))
    found = rows(tmp_path, sheet(drawn, *words))
    assert [[value for _, value in row] for row in found] == [
        ["一", "開館", "いつ"], ["一", "開館", "どこで"], ["二", "閉館", "いつ"], ["二", "閉館", "どこで"],
    ]  # fmt: skip
    assert {name for row in found for name, _ in row} == {""}


def test_several_header_rows_form_one_column_name(tmp_path: Path) -> None:
    ys = (700, 680, 660, 640, 620)
    drawn = b"\n".join(
        [
            ruled((XS[0], XS[1], XS[-1]), (700, 660, 640, 620)),
            stroke(XS[1], 680, XS[-1], 680),
            stroke(XS[2], 680, XS[2], 620),
        ]
    )
    words = cells(XS, ys, ("施設", "利用者"), ("", "大人", "子ども"), ("中央図書館", "8,100人", "4,300人"))
    assert rows(tmp_path, sheet(drawn, *words, Text("北公民館", 76, 626), Text("―", 196, 626)))[0] == [
        ("施設", "中央図書館"),
        ("利用者 大人", "8,100人"),
        ("利用者 子ども", "4,300人"),
    ]


def test_a_row_of_one_cell_is_a_heading_of_the_rows_below(tmp_path: Path) -> None:
    ys = (700, 680, 660, 640, 620, 600)
    drawn = b"\n".join(
        [ruled((XS[0], XS[-1]), ys)]
        + [stroke(x, low, x, top) for x in XS[1:-1] for top, low in ((700, 680), (660, 640), (620, 600))]
    )
    words = cells(XS, ys, NAMES, ("図書館",), ROWS[0], ("公民館",), ROWS[1])
    found = [p for p in passages(tmp_path, sheet(drawn, *words)) if p.kind == "row"]
    assert [(p.path[-1], p.cells[0].value) for p in found] == [("図書館", "中央図書館"), ("公民館", "北公民館")]


def test_caption_unit_and_note_belong_to_the_table(tmp_path: Path) -> None:
    around = [Text("表１ 施設の利用", base=730), Text("※休館日を除く。", base=620)]
    found = [
        p for p in passages(tmp_path, sheet(ruled(XS, YS), *cells(XS, YS, NAMES, *ROWS), *around)) if p.kind == "row"
    ]
    assert all(p.path[-1] == "表１ 施設の利用" and p.notes == ("※休館日を除く。",) for p in found)
    assert len(found) == 2


def test_two_columns_without_names_are_name_value_pairs(tmp_path: Path) -> None:
    xs, ys = (72, 192, 392), (700, 680, 660, 640)
    shaded = [box(72, low, 192, top, "0.8 0.9 1") for top, low in pairwise(ys)]
    words = cells(xs, ys, ("所管", "文化振興課"), ("開設", "平成９年"), ("面積", "1,200平方メートル"))
    assert rows(tmp_path, sheet(b"\n".join([*shaded, ruled(xs, ys)]), *words))[0] == [("所管", "文化振興課")]


def test_a_vertical_cell_label_is_one_word(tmp_path: Path) -> None:
    ys = (700, 680, 560)
    label = [Text(char, 90, 660 - 12 * n) for n, char in enumerate("生涯学習")]
    label += [Text(char, 76, 660 - 12 * n) for n, char in enumerate("施設")]
    words = cells(XS, ys, NAMES, ("", "290日", "12,400人"))
    assert rows(tmp_path, sheet(ruled(XS, ys), *words, *label))[0][0] == ("施設", "生涯学習施設")


@pytest.mark.parametrize(
    "drawn",
    [
        box(60, 560, 420, 740),
        b"\n".join([box(60, 690, 420, 740), box(60, 560, 420, 690)]),
    ],
    ids=["a frame", "two frames"],
)
def test_text_in_or_over_boxes_is_not_a_table(drawn: bytes, tmp_path: Path) -> None:
    sentences = [
        "申請は市役所の窓口のほか、郵便や電子申請でも受け付けていますので、ご利用ください。",
        "手数料は不要です。",
    ]
    assert texts(tmp_path, sheet(drawn, *lines(*sentences, left=70, top=710))) == sentences


def test_a_form_of_empty_boxes_is_text(tmp_path: Path) -> None:
    ys = [700 - 20 * n for n in range(8)]
    words = cells((72, 232, 392), ys, ("記入日",), ("", "担当"))
    assert not rows(tmp_path, sheet(ruled((72, 232, 392), ys), *words, Text("様式", base=740)))


def test_a_form_with_few_words_is_text(tmp_path: Path) -> None:
    xs, ys = [72 + 80 * n for n in range(6)], [700 - 20 * n for n in range(6)]
    words = [Text(name, xs[n] + 4, ys[n] - 14) for n, name in enumerate(("氏名", "住所", "電話", "職業", "年齢"))]
    assert not rows(tmp_path, sheet(ruled(xs, ys), *words, Text("様式", base=740)))


def test_a_bar_in_a_cell_does_not_split_it(tmp_path: Path) -> None:
    (row, *_) = rows(tmp_path, sheet(ruled(XS, YS), *cells(XS, YS, NAMES, ("本館|別館", "290日", "5人"), ROWS[1])))
    assert row[0] == ("施設", "本館|別館")


WIDE = (72, 182, 302, 412, 522)
FEES = (
    ("部屋", "定員", "平日", "休日"),
    ("大会議室", "80人", "2,400円", "3,100円"),
    ("茶室", "12人", "900円", "1,150円"),
    ("音楽室", "24人", "1,300円", "1,700円"),
)
MORE_FEES = (
    ("調理実習室", "30人", "1,900円", "2,200円"),
    ("工作室", "18人", "800円", "950円"),
    ("和室", "20人", "600円", "700円"),
)


def grid_page(*of_rows: tuple[str, ...], column: int | None = None) -> bytes:
    ys = tuple(700 - 20 * n for n in range(len(of_rows) + 1))
    upright = [stroke(x, ys[-1], x, ys[0]) for n, x in enumerate(WIDE) if n != column]
    across = [stroke(WIDE[0], y, WIDE[-1], y) for y in ys]
    return sheet(b"\n".join([*upright, *across]), *cells(WIDE, ys, *of_rows))


@pytest.mark.parametrize(
    "pages",
    [
        (grid_page(*FEES),),
        (grid_page(*FEES, column=0),),
        (grid_page(*FEES), grid_page(*MORE_FEES)),
        (grid_page(*FEES), grid_page(FEES[0], *MORE_FEES)),
    ],
)
def test_a_table_on_one_or_two_pages_keeps_its_rows_and_headers(pages: tuple[bytes, ...], tmp_path: Path) -> None:
    expected = FEES[1:] if len(pages) == 1 else FEES[1:] + MORE_FEES
    assert rows(tmp_path, *pages) == [list(zip(FEES[0], row, strict=True)) for row in expected]


@pytest.mark.parametrize("header", [(), FEES[:1]], ids=["header once", "header repeated"])
def test_a_row_that_continues_on_the_next_page_is_one_row(header: tuple[tuple[str, ...], ...], tmp_path: Path) -> None:
    rest = ("", "（小学生は", "", "第3日曜は休み")
    found = passages(tmp_path, grid_page(*FEES), grid_page(*header, rest, *MORE_FEES))
    split_row = next(passage for passage in found if "音楽室" in passage.text)
    assert [cell.value for cell in split_row.cells] == ["音楽室", "24人（小学生は", "1,300円", "1,700円 第3日曜は休み"]
    assert split_row.page == 1
    assert [passage.page for passage in found] == [1, 1, 1, 2, 2, 2]


def test_a_full_row_without_a_name_on_the_next_page_has_the_name_above(tmp_path: Path) -> None:
    second = ("", "30人", "2,000円", "2,500円")
    found = rows(tmp_path, grid_page(*FEES), grid_page(second, *MORE_FEES))
    assert found[3] == [("部屋", "音楽室"), ("定員", "30人"), ("平日", "2,000円"), ("休日", "2,500円")]


def test_a_cell_that_is_a_picture_is_marked_and_named(tmp_path: Path) -> None:
    without = [("部屋", "定員", "", "休日"), *((*row[:2], "", row[3]) for row in FEES[1:])]
    drawn = b"\n".join(picture_in(310, 704 - 20 * n, 360, 716 - 20 * n) for n in range(1, 5))
    path = tmp_path / "plan.pdf"
    path.write_bytes(pdf(drawn + b"\n" + grid_page(*without)))
    reading = read_document(path, DOCUMENT)
    assert [cell.value for cell in reading.passages[1].cells] == [
        "茶室",
        "12人",
        "（画像のため読み取れません）",
        "1,150円",
    ]
    assert "1ページの表のセル3個は、文字ではなく画像なので読めません" in (unread_parts_warning(reading) or "")
