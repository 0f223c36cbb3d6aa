import subprocess
import sys
from pathlib import Path

import pytest

from ingest.documents import Document
from ingest.passages.document_reading import read_document
from ingest.readers import read_lines
from tests.conftest import ROOT
from tests.ingest.pdf_files import Text, box, lines, page, pdf, stroke, upright

LEFT = ("左の欄は計画の趣旨を述べます。", "市の人口は減り続けています。", "そこで計画を改めます。")
RIGHT = ("右の欄は計画の期間を述べます。", "期間は四年間とします。", "途中で一度見直します。")


def texts(folder: Path, *contents: bytes) -> list[str]:
    path = folder / "plan.pdf"
    path.write_bytes(pdf(b"\n".join(contents)))
    return [line.text for line in read_lines(path) if line.text]


def cells(folder: Path, *contents: bytes) -> list[list[tuple[str, str]]]:
    path = folder / "plan.pdf"
    path.write_bytes(pdf(b"\n".join(contents)))
    passages = read_document(path, Document("plan", "計画の題", "plan.pdf")).passages
    return [[(c.column, c.value) for c in p.cells] for p in passages if p.kind == "row"]


def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    title = Text("計画の改定とその期間について", 180, 790, 14)
    columns = [*lines(*RIGHT, left=320), *lines(*LEFT, left=72)]
    assert texts(tmp_path, page(*lines(*LEFT), *lines(*RIGHT, left=320), title)) == [title.text, *LEFT, *RIGHT]
    assert texts(tmp_path, page(*columns, title)) == [title.text, *LEFT, *RIGHT]


def test_the_text_layer_decides_between_columns_and_rows(tmp_path: Path) -> None:
    title = Text("この計画の趣旨と期間、見直しのしかたを、左に主な言葉を添えて、順に述べます。", 72, 790)
    narrow, wide = (
        [Text(text, left, 750 - 50 * n) for n, text in enumerate(words)]
        for left, words in ((72, ("趣旨", "期間", "見直し")), (200, RIGHT))
    )
    written = page(title, *narrow[:2], wide[0], narrow[2], *wide[1:])
    assert texts(tmp_path, written) == [title.text, *(text.text for text in narrow), *RIGHT]


def test_slide_columns_are_read_with_heads_written_last(tmp_path: Path) -> None:
    columns = [
        [*(Text(text, left, 720 - 40 * n) for n, text in enumerate(words[:2])), Text(head, left, 750)]
        for head, left, words in (("計画の趣旨", 72, LEFT), ("計画の期間", 320, RIGHT))
    ]
    figure = [Text("左の図", 72, 640), Text("左の図の注", 72, 610)]
    beside = [Text("右の図", 320, 640), Text("右の図の注", 320, 610)]
    read = ["計画の趣旨", *LEFT[:2], *(t.text for t in figure), "計画の期間", *RIGHT[:2], *(t.text for t in beside)]
    assert texts(tmp_path, page(*columns[0], *columns[1], *beside, *figure)) == read


def test_a_running_head_at_the_right_is_not_a_column(tmp_path: Path) -> None:
    body = "この計画は、町の相談の窓口と、道路や公園の手入れを、四年のあいだにどう進めるかを定めるものです。"
    words = [Text("進行管理の体制", 72, 740, 14), Text(body, 72, 700), Text("雲雀町の研究会", 420, 800)]
    assert texts(tmp_path, page(*words)) == ["雲雀町の研究会", "進行管理の体制", body]


def test_the_title_of_a_slide_is_its_heading(tmp_path: Path) -> None:
    words = page(Text("進行管理の体制", 72, 540, 24), *lines(*LEFT, top=480, size=12), *lines(*RIGHT, top=380, size=12))
    path = tmp_path / "slides.pdf"
    path.write_bytes(pdf(words, size=(842, 595)))
    assert read_lines(path)[0].text == "# 進行管理の体制"
    path.write_bytes(pdf(words))
    assert read_lines(path)[0].text == "進行管理の体制"


def test_a_line_across_two_boxes_is_split_between_them(tmp_path: Path) -> None:
    boxes = [box(60, 640, 280, 720, "0.8 0.9 1"), box(300, 640, 560, 720, "1 0.9 0.8")]
    words = [
        ("相談の窓口", 80, 690),
        ("手続の窓口", 330, 690),
        ("一階にあります。", 80, 660),
        ("二階にあります。", 330, 660),
    ]
    found = texts(tmp_path, *boxes, page(*(Text(*each) for each in words)))
    assert found == ["相談の窓口", "一階にあります。", "手続の窓口", "二階にあります。"]


def test_underlined_column_heads_are_read_with_their_columns(tmp_path: Path) -> None:
    heads = [Text("計画の趣旨", 120, 750), Text("計画の期間", 370, 750)]
    left, right = lines(*LEFT, top=710), lines(*RIGHT, left=320, top=710)
    underlines = [stroke(72, 742, 280, 742), stroke(320, 742, 540, 742)]
    read = [heads[0].text, *LEFT, heads[1].text, *RIGHT]
    assert texts(tmp_path, *underlines, page(*left, *heads, *right)) == read


def test_a_form_field_does_not_split_a_line(tmp_path: Path) -> None:
    drawn = [
        box(60, 640, 560, 720, "0.9 0.9 0.9"),
        box(200, 685, 260, 702, "1 1 1"),
        box(105, 655, 136, 672, "1 1 0.7"),
    ]
    words = [Text("貸出の数", 80, 690), Text("十二冊", 210, 690), Text("これを窓口に出します。", 80, 660)]
    assert texts(tmp_path, *drawn, page(*words)) == ["貸出の数\u3000十二冊", "これを窓口に出します。"]


def test_vertical_text_is_read_from_right_to_left(tmp_path: Path) -> None:
    columns = ("この要綱は雲雀町の広報紙の発行に", "ついて必要な事項を定めるものとす", "る。")
    assert texts(tmp_path, upright(*columns)) == ["".join(columns)]


def test_vertical_text_is_read_without_system_fonts(tmp_path: Path) -> None:
    (tmp_path / "plan.pdf").write_bytes(pdf(upright("この要綱は雲雀町の広報紙の", "発行について定める。")))
    hide_fonts = "for f in /usr/share/fonts /usr/local/share/fonts; do [ ! -d $f ] || mount -t tmpfs none $f; done"
    code = (
        "import sys; from pathlib import Path; from ingest.readers import read_lines; "
        "print(*(line.text for line in read_lines(Path(sys.argv[1]))))"
    )
    in_namespace = ["unshare", "--mount", "--map-root-user", "sh", "-ec", f'{hide_fonts}; exec "$@"', "sh"]
    try:
        subprocess.run([*in_namespace, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this machine lets no process hide its fonts (unshare --mount)")
    command = [*in_namespace, sys.executable, "-c", code, str(tmp_path / "plan.pdf")]
    read = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    assert read.stdout.strip() == "この要綱は雲雀町の広報紙の発行について定める。"


def test_tiers_of_vertical_text_are_read_from_the_top(tmp_path: Path) -> None:
    tiers = upright("上の段の一行目です。", "上の段の二行目です。"), upright("下の段の一行目です。", top=560)
    assert texts(tmp_path, *tiers) == ["上の段の一行目です。", "上の段の二行目です。", "下の段の一行目です。"]


def test_rotated_text_is_read_as_if_upright(tmp_path: Path) -> None:
    drawn = b"\n".join(
        b"BT /F1 10 Tf 0 1 -1 0 %d 72 Tm <%s> Tj ET" % (100 + 16 * n, text.encode("utf-16-be").hex().encode())
        for n, text in enumerate(LEFT)
    )
    assert texts(tmp_path, drawn) == list(LEFT)


def test_a_table_of_contents_is_not_a_table(tmp_path: Path) -> None:
    words = [
        word
        for n, (name, number) in enumerate((("計画の趣旨", "11"), ("計画の期間", "13"), ("進行管理", "18")))
        for word in (Text(name, 72, 700 - 24 * n), Text(number, 480, 700 - 24 * n))
    ]
    assert not cells(tmp_path, page(*words, Text("この計画は四年ごとに見直します。", 72, 500)))
