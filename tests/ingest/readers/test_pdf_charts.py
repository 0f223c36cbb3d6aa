"""Tests of bar, line and pie charts of PDF pages."""

from pathlib import Path

import pytest

from ingest.chunking.document_reading import read_document
from ingest.documents import Document
from tests.ingest.pdf_files import Text, box, page, pdf, stroke

BLUE, RED, GREEN = "0.2 0.4 0.8", "0.8 0.3 0.2", "0.4 0.7 0.3"
PLACES = ("東浜町", "西浜町", "南浜町")


def rows(folder: Path, *contents: bytes) -> list[list[tuple[str, str]]]:
    path = folder / "plan.pdf"
    path.write_bytes(pdf(b"\n".join(contents)))
    passages = read_document(path, Document("plan", "計画の題", "plan.pdf")).passages
    return [[(c.column, c.value) for c in p.cells] for p in passages if p.kind == "row"]


def legend(*names: str, colours: tuple[str, ...] = (BLUE, RED, GREEN), base: float = 420) -> list[bytes]:
    """Return names side by side, each with a key in its colour."""
    return [
        box(150 + 90 * n, base, 158 + 90 * n, base + 8, colour) + b"\n" + page(Text(name, 162 + 90 * n, base))
        for n, (name, colour) in enumerate(zip(names, colours, strict=False))
    ]


def test_grouped_bars_are_named_by_legend_and_axis_labels(tmp_path: Path) -> None:
    output = (("41", "72"), ("55", "18"), ("30", "63"))
    drawn = [stroke(72, 500 + 20 * n, 480, 500 + 20 * n) for n in range(6)]
    for n, (place, (first, second)) in enumerate(zip(PLACES, output, strict=True)):
        left = 100 + 120 * n
        drawn += [
            box(left, 500, left + 30, 500 + int(first), BLUE),
            box(left + 30, 500, left + 60, 500 + int(second), RED),
            page(
                Text(first, left + 10, 503 + int(first), 8),
                Text(second, left + 40, 503 + int(second), 8),
                Text(place, left + 15, 480),
                Text(str(20 * n), 50, 497 + 20 * n, 8),
            ),
        ]
    names = legend("去年", "今年", colours=(RED, BLUE))
    found = [
        [("", place), ("今年", first), ("去年", second)] for place, (first, second) in zip(PLACES, output, strict=True)
    ]
    assert rows(tmp_path, *drawn, *names) == found


def test_a_note_below_a_chart_is_not_part_of_a_name(tmp_path: Path) -> None:
    note = "資料：町の聞き取りによる。答えた人の数は、三つの地区を合わせて三百二十人である。"
    bars = [box(100 + 120 * n, 500, 140 + 120 * n, 500 + tall, BLUE) for n, tall in enumerate((41, 55, 30))]
    words = [Text(f"{tall}.0", 108 + 120 * n, 503 + tall, 8) for n, tall in enumerate((41, 55, 30))]
    feet = [Text(place, 105 + 120 * n, 486) for n, place in enumerate(PLACES)]
    path = tmp_path / "plan.pdf"
    path.write_bytes(pdf(b"\n".join([*bars, page(*words, *feet, Text(note, 72, 474, 9))])))
    passages = read_document(path, Document("plan", "計画の題", "plan.pdf")).passages
    assert [c.column for p in passages if p.kind == "row" for c in p.cells] == list(PLACES)
    assert any(note in p.text for p in passages)


def test_bars_without_figures_do_not_pass_on_their_names(tmp_path: Path) -> None:
    years = [f"{n}年" for n in range(3, 12)]
    heights = (40, 44, 47, 52, 60, 51, 45, 38, 30)
    output = {0: "40.0", 4: "60.0", 8: "30.0"}
    bars = [box(80 + 45 * n, 500, 100 + 45 * n, 500 + tall, BLUE) for n, tall in enumerate(heights)]
    words = [Text(text, 78 + 45 * n, 503 + heights[n], 8) for n, text in output.items()]
    feet = [Text(year, 80 + 45 * n, 486, 8) for n, year in enumerate(years)]
    found = rows(tmp_path, *bars, page(*words, *feet))
    assert found == [[(years[n], text)] for n, text in output.items()]


def test_axis_labels_may_be_rotated(tmp_path: Path) -> None:
    heights = (40, 60, 30)
    bars = [box(100 + 60 * n, 500, 120 + 60 * n, 500 + tall, BLUE) for n, tall in enumerate(heights)]
    words = page(*(Text(f"{tall}.0", 101 + 60 * n, 503 + tall, 8) for n, tall in enumerate(heights)))
    turned = [
        b"BT /F1 8 Tf 0 1 -1 0 %d 456 Tm <%s> Tj ET"
        % (113 + 60 * n, f"{2021 + n}年".encode("utf-16-be").hex().encode())
        for n in range(3)
    ]
    text = page(Text("町の窓口で受けた相談の件数は、この三年で次のように移り変わった。", 72, 760))
    found = rows(tmp_path, *bars, words, *turned, text)
    assert found == [[(f"{2021 + n}年", f"{tall}.0")] for n, tall in enumerate(heights)]


def test_bar_segments_are_named_by_colour(tmp_path: Path) -> None:
    output = ((40, 35, 25), (20, 2, 78), (50, 30, 20))
    drawn = []
    for n, (place, shares) in enumerate(zip(PLACES, output, strict=True)):
        left, base = 150.0, 700 - 40 * n
        drawn.append(page(Text(place, 100, base + 6)))
        for share, colour in zip(shares, (BLUE, RED, GREEN), strict=True):
            right = left + 3 * share
            drawn.append(box(left, base, right, base + 20, colour))
            drawn += [page(Text(f"{share}.0", (left + right) / 2 - 8, base + 6, 8))] if share > 5 else []
            left = right
    found = rows(tmp_path, *drawn, *legend("ある", "ない", "不明", base=580))
    assert found[0] == [("", "東浜町"), ("ある", "40.0"), ("ない", "35.0"), ("不明", "25.0")]
    assert found[1] == [("", "西浜町"), ("ある", "20.0"), ("不明", "78.0")]


def test_line_points_are_named_by_colour(tmp_path: Path) -> None:
    output = ((20, 60), (70, 30), (45, 80))
    lines = []
    for at, colour in enumerate((BLUE, RED)):
        way = " l ".join(f"{150 + 120 * n} {500 + both[at]}" for n, both in enumerate(output)).replace(" l ", " m ", 1)
        lines.append(f"q {colour} RG {way} l S Q".encode())
    figures = [Text(str(value), 146 + 120 * n, 500 + value + 6, 8) for n, both in enumerate(output) for value in both]
    names = [Text(place, 135 + 120 * n, 480) for n, place in enumerate(PLACES)]
    found = rows(tmp_path, *lines, page(*figures, *names), *legend("窓口", "電話"))
    assert found == [
        [("", place), ("窓口", str(first)), ("電話", str(second))]
        for place, (first, second) in zip(PLACES, output, strict=True)
    ]


def test_slices_are_named_by_the_legend(tmp_path: Path) -> None:
    slices = [
        f"q {colour} rg 300 600 m {' '.join(f'{x} {y} l' for x, y in way)} f Q".encode()
        for colour, way in (
            (BLUE, ((300, 660), (342, 642), (360, 600), (342, 558), (300, 540))),
            (RED, ((300, 540), (258, 558), (240, 600))),
            (GREEN, ((240, 600), (258, 642), (300, 660))),
        )
    ]
    figures = page(Text("50.0%", 315, 596, 8), Text("24.9%", 266, 575, 8), Text("25.1%", 232, 650, 8))
    found = rows(tmp_path, *slices, figures, *legend("窓口", "電話", "郵送", base=500))
    assert sorted(found) == [[("窓口", "50.0%")], [("郵送", "25.1%")], [("電話", "24.9%")]]


@pytest.mark.parametrize("last", ["25.0%", "35.0%"])
def test_shares_below_their_names_must_add_up_to_100_percent(last: str, tmp_path: Path) -> None:
    output = (("利用した", "45.0%", 150, 650), ("利用しない", "30.0%", 300, 640), ("無回答", last, 220, 560))
    words = [text for name, share, x, y in output for text in (Text(name, x, y), Text(share, x, y - 11))]
    found = rows(tmp_path, page(*words))
    assert sorted(found) == (sorted([(name, share)] for name, share, *_ in output) if last == "25.0%" else [])


def test_coloured_cells_are_not_bars(tmp_path: Path) -> None:
    figures = (("12", "80"), ("95", "7"), ("33", "41"))
    drawn = [
        box(100 + 80 * x, 700 - 24 * n, 180 + 80 * x, 724 - 24 * n, (BLUE, RED, GREEN)[x])
        for x in range(3)
        for n in range(4)
    ]
    words = [
        Text(text, 110 + 80 * x, 708 - 24 * n)
        for n, row in enumerate([("町名", "去年", "今年"), *((p, *f) for p, f in zip(PLACES, figures, strict=True))])
        for x, text in enumerate(row)
    ]
    assert rows(tmp_path, *drawn, page(*words))[0] == [("町名", "東浜町"), ("去年", "12"), ("今年", "80")]


def test_charts_do_not_continue_over_pages(tmp_path: Path) -> None:
    path = tmp_path / "plan.pdf"
    pages = []
    for names, output in ((("ある", "ない"), (41, 72, 30)), (("去年", "今年"), (18, 63, 55))):
        drawn = [
            box(100 + 90 * n + 30 * at, 500, 130 + 90 * n + 30 * at, 500 + value - 9 * at, (BLUE, RED)[at])
            + b"\n"
            + page(Text(f"{value - 9 * at}.0", 104 + 90 * n + 30 * at, 503 + value - 9 * at, 8))
            for n, value in enumerate(output)
            for at in (0, 1)
        ]
        feet = page(*(Text(place, 110 + 90 * n, 480) for n, place in enumerate(PLACES)))
        pages.append(b"\n".join([*drawn, feet, *legend(*names)]))
    path.write_bytes(pdf(*pages))
    passages = read_document(path, Document("plan", "計画の題", "plan.pdf")).passages
    columns = [[c.column for c in p.cells] for p in passages if p.kind == "row"]
    assert columns == [["", "ある", "ない"]] * 3 + [["", "去年", "今年"]] * 3
