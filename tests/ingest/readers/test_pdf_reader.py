import subprocess
import sys
from pathlib import Path

import pytest

from ingest.blocks.model import part_lines
from ingest.blocks.unread_parts import UNSEEN_REASON
from ingest.documents import Document, Line
from ingest.errors import UnreadableDocumentError
from ingest.metadata.proposal import find_fields
from ingest.passages.document_reading import read_document
from ingest.readers import read_lines, read_source
from ingest.readers.pdf import pdf_reader
from tests.conftest import ROOT
from tests.ingest.pdf_files import (
    BLANK,
    BULLET,
    FIRST_ADDED,
    PICTURE,
    SHAPES,
    Text,
    box,
    lines,
    page,
    pdf,
    stroke,
    upright,
)

DOCUMENT = Document("plan", "計画の題", "plan.pdf")
SENTENCE = "計画の期間は令和８年度から令和１１年度までの４年間です。"


def write(folder: Path, data: bytes, name: str = "plan.pdf") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def read_pages(folder: Path, *pages: bytes) -> list[Line]:
    return [line for line in read_lines(write(folder, pdf(*pages))) if line.text]


def texts(folder: Path, *of_page: Text) -> list[str]:
    return [line.text for line in read_pages(folder, page(*of_page))]


def test_wrapped_lines_are_joined(tmp_path: Path) -> None:
    assert texts(
        tmp_path,
        *lines("計画の期間は令和８年度から令和１", "１年度までの４年間とし、社会の変", "化に応じて見直します。"),
    ) == ["計画の期間は令和８年度から令和１１年度までの４年間とし、社会の変化に応じて見直します。"]


def test_a_line_that_ends_before_the_margin_is_not_joined(tmp_path: Path) -> None:
    title, text = "計画の期間と見直し", "計画の期間は令和８年度から令和１"
    assert texts(tmp_path, *lines(title, text, "１年度までです。")) == [title, f"{text}１年度までです。"]


@pytest.mark.parametrize("mark", ["・", "○ ", "① ", "(2) ", "２ ", "※ ", "第３条 "])
def test_an_item_is_not_joined_to_the_line_above(mark: str, tmp_path: Path) -> None:
    first, second = "・市民の皆さまと一緒に進める計画の策定", f"{mark}事業者との連携による取組の推進と検証"
    assert texts(tmp_path, *lines(first, second)) == [first, second]


def test_space_separates_paragraphs(tmp_path: Path) -> None:
    full = "計画の期間は令和８年度から令和１１年度"
    found = read_lines(write(tmp_path, pdf(page(*lines(full, "", "", full)))))
    assert [line.text for line in found[:3]] == [full, "", full]


def test_larger_type_is_a_separate_line(tmp_path: Path) -> None:
    heading = Text("計画の期間と進行管理の方法と見直し", base=720, size=16)
    assert texts(tmp_path, heading, *lines(SENTENCE, top=704)) == [heading.text, SENTENCE]


def test_cells_are_separated_and_rows_are_not_joined(tmp_path: Path) -> None:
    rows = [
        Text(text, left, base)
        for base, row in ((700, ("窓口対応の時間", "８３６", "９２％")), (684, ("電話対応の時間", "１２０", "３０％")))
        for text, left in zip(row, (72, 240, 400), strict=True)
    ]
    path = write(tmp_path, pdf(page(*rows)))
    assert [line.text for line in read_lines(path) if line.text] == [
        "窓口対応の時間\u3000８３６\u3000９２％",
        "電話対応の時間\u3000１２０\u3000３０％",
    ]


def test_the_last_cell_of_a_row_may_continue_below(tmp_path: Path) -> None:
    row = (
        Text("窓口", 72, 700),
        Text("申請の受付と証明書の交付を行い、引", 160, 700),
        Text("越しの手続きを助けます。", 160, 685),
    )
    assert texts(tmp_path, *row) == ["窓口\u3000申請の受付と証明書の交付を行い、引越しの手続きを助けます。"]


def test_spread_letters_are_joined(tmp_path: Path) -> None:
    assert texts(tmp_path, *lines("製 造 業", "", "区 分", "", "内 閣 府 の 資 料 IT 戦略")) == [
        "製造業",
        "区分",
        "内閣府の資料 IT 戦略",
    ]


def test_radicals_are_replaced_by_characters(tmp_path: Path) -> None:
    assert texts(tmp_path, *lines("部⻑‧⽉⽇と⾷⻘⾻")) == ["部長・月日と食青骨"]


@pytest.mark.parametrize(
    ("symbol", "seen"), [("F06C", "●"), ("F0D8", "➢"), ("F0B7", "•"), ("26AB", "● "), ("F022", "・")]
)
def test_symbol_font_characters_are_read_as_displayed(symbol: str, seen: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.pdf"
    path.write_bytes(pdf(BULLET + b"\n" + page(Text("電子申請の拡充"))).replace(b"F06C", symbol.encode()))
    (line,) = [line for line in read_lines(path) if line.text]
    assert line.text == f"{seen}電子申請の拡充"


@pytest.mark.usefixtures("no_ocr")
def test_a_page_with_only_symbols_needs_ocr(tmp_path: Path) -> None:
    garbage = [BULLET.replace(b"700", b"%d" % base) for base in range(700, 300, -20)]
    with pytest.raises(UnreadableDocumentError, match="OCR"):
        read_pages(tmp_path, b"\n".join([*garbage, page(*lines("- 1 -", top=50))]))


def test_the_error_for_an_encrypted_pdf_names_the_remedy(tmp_path: Path) -> None:
    path = write(tmp_path, pdf(page(*lines(SENTENCE)), password="secret"))
    with pytest.raises(UnreadableDocumentError, match=r"plan\.pdf: パスワードで.*パスワードを外した PDF を置いて"):
        read_lines(path)


@pytest.mark.parametrize("data", [pdf(page(*lines(SENTENCE)))[:500], b"%PDF-1.7\n", b"<html></html>"])
def test_a_damaged_file_is_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocumentError, match=r"plan\.pdf: PDF として読めません。.*取り直してください"):
        read_lines(write(tmp_path, data))


@pytest.mark.parametrize("unread", [SHAPES, PICTURE], ids=["a font without characters", "a picture"])
@pytest.mark.usefixtures("no_ocr")
def test_an_unreadable_page_is_reported(unread: bytes, tmp_path: Path) -> None:
    reading = read_document(write(tmp_path, pdf(page(*lines(SENTENCE)), unread, BLANK)), DOCUMENT)
    assert [p.text for p in reading.passages] == [SENTENCE]
    ((text, reason),) = [(dropped.text, dropped.reason) for dropped in reading.dropped]
    assert "2ページ" in text
    assert "OCR が必要" in reason


@pytest.mark.parametrize("pages", [(SHAPES,), (PICTURE, BLANK, SHAPES)])
@pytest.mark.usefixtures("no_ocr")
def test_a_file_without_any_readable_page_is_refused(pages: tuple[bytes, ...], tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocumentError, match=r"plan\.pdf: 文字を読み取れるページがありません.*OCR"):
        read_lines(write(tmp_path, pdf(*pages)))


def test_a_sentence_over_a_page_break_is_joined(tmp_path: Path) -> None:
    path = write(tmp_path, pdf(page(*lines("市は、電子申請を")), page(*lines("広げます。窓口は市役所です。"))))
    assert [(p.text, p.page) for p in read_document(path, DOCUMENT).passages] == [
        ("市は、電子申請を広げます。窓口は市役所です。", 1)
    ]


def test_the_largest_type_of_the_first_page_is_the_title(tmp_path: Path) -> None:
    cover = page(Text("金沢市ＤＸ", base=700, size=30), Text("アクションプラン", base=660, size=30), *lines("令和８年"))
    assert find_fields(write(tmp_path, pdf(cover, page(*lines(SENTENCE)))))["title"] == "金沢市ＤＸ アクションプラン"


@pytest.mark.parametrize("first", [page(*lines(*[SENTENCE] * 5)), PICTURE, BLANK])
def test_a_pdf_without_a_title_gets_its_file_name(first: bytes, tmp_path: Path) -> None:
    assert find_fields(write(tmp_path, pdf(first, page(*lines(SENTENCE))), "計画.pdf"))["title"] == "計画"


LEFT = ("左の欄は計画の趣旨を述べます。", "市の人口は減り続けています。", "そこで計画を改めます。")
RIGHT = ("右の欄は計画の期間を述べます。", "期間は四年間とします。", "途中で一度見直します。")


def ordered(folder: Path, *contents: bytes) -> list[str]:
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
    assert ordered(tmp_path, page(*lines(*LEFT), *lines(*RIGHT, left=320), title)) == [
        title.text,
        *LEFT,
        *RIGHT,
    ]
    assert ordered(tmp_path, page(*columns, title)) == [title.text, *LEFT, *RIGHT]


def test_the_text_layer_decides_between_columns_and_rows(tmp_path: Path) -> None:
    title = Text("この計画の趣旨と期間、見直しのしかたを、左に主な言葉を添えて、順に述べます。", 72, 790)
    narrow, wide = (
        [Text(text, left, 750 - 50 * n) for n, text in enumerate(words)]
        for left, words in ((72, ("趣旨", "期間", "見直し")), (200, RIGHT))
    )
    written = page(title, *narrow[:2], wide[0], narrow[2], *wide[1:])
    assert ordered(tmp_path, written) == [title.text, *(text.text for text in narrow), *RIGHT]


def test_slide_columns_are_read_with_heads_written_last(tmp_path: Path) -> None:
    columns = [
        [*(Text(text, left, 720 - 40 * n) for n, text in enumerate(words[:2])), Text(head, left, 750)]
        for head, left, words in (("計画の趣旨", 72, LEFT), ("計画の期間", 320, RIGHT))
    ]
    figure = [Text("左の図", 72, 640), Text("左の図の注", 72, 610)]
    beside = [Text("右の図", 320, 640), Text("右の図の注", 320, 610)]
    read = ["計画の趣旨", *LEFT[:2], *(t.text for t in figure), "計画の期間", *RIGHT[:2], *(t.text for t in beside)]
    assert ordered(tmp_path, page(*columns[0], *columns[1], *beside, *figure)) == read


def test_a_running_head_at_the_right_is_not_a_column(tmp_path: Path) -> None:
    body = "この計画は、町の相談の窓口と、道路や公園の手入れを、四年のあいだにどう進めるかを定めるものです。"
    words = [Text("進行管理の体制", 72, 740, 14), Text(body, 72, 700), Text("雲雀町の研究会", 420, 800)]
    assert ordered(tmp_path, page(*words)) == ["雲雀町の研究会", "進行管理の体制", body]


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
    found = ordered(tmp_path, *boxes, page(*(Text(*each) for each in words)))
    assert found == ["相談の窓口", "一階にあります。", "手続の窓口", "二階にあります。"]


def test_underlined_column_heads_are_read_with_their_columns(tmp_path: Path) -> None:
    heads = [Text("計画の趣旨", 120, 750), Text("計画の期間", 370, 750)]
    left, right = lines(*LEFT, top=710), lines(*RIGHT, left=320, top=710)
    underlines = [stroke(72, 742, 280, 742), stroke(320, 742, 540, 742)]
    read = [heads[0].text, *LEFT, heads[1].text, *RIGHT]
    assert ordered(tmp_path, *underlines, page(*left, *heads, *right)) == read


def test_a_form_field_does_not_split_a_line(tmp_path: Path) -> None:
    drawn = [
        box(60, 640, 560, 720, "0.9 0.9 0.9"),
        box(200, 685, 260, 702, "1 1 1"),
        box(105, 655, 136, 672, "1 1 0.7"),
    ]
    words = [Text("貸出の数", 80, 690), Text("十二冊", 210, 690), Text("これを窓口に出します。", 80, 660)]
    assert ordered(tmp_path, *drawn, page(*words)) == ["貸出の数\u3000十二冊", "これを窓口に出します。"]


def test_vertical_text_is_read_from_right_to_left(tmp_path: Path) -> None:
    columns = ("この要綱は雲雀町の広報紙の発行に", "ついて必要な事項を定めるものとす", "る。")
    assert ordered(tmp_path, upright(*columns)) == ["".join(columns)]


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
    assert ordered(tmp_path, *tiers) == [
        "上の段の一行目です。",
        "上の段の二行目です。",
        "下の段の一行目です。",
    ]


def test_rotated_text_is_read_as_if_upright(tmp_path: Path) -> None:
    drawn = b"\n".join(
        b"BT /F1 10 Tf 0 1 -1 0 %d 72 Tm <%s> Tj ET" % (100 + 16 * n, text.encode("utf-16-be").hex().encode())
        for n, text in enumerate(LEFT)
    )
    assert ordered(tmp_path, drawn) == list(LEFT)


def test_a_table_of_contents_is_not_a_table(tmp_path: Path) -> None:
    words = [
        word
        for n, (name, number) in enumerate((("計画の趣旨", "11"), ("計画の期間", "13"), ("進行管理", "18")))
        for word in (Text(name, 72, 700 - 24 * n), Text(number, 480, 700 - 24 * n))
    ]
    assert not cells(tmp_path, page(*words, Text("この計画は四年ごとに見直します。", 72, 500)))


SHOWN = "受付は六月一日からです。"
UNSEEN = "受付は五月一日からです。"
LABEL = page(Text(SHOWN, base=700))
LAYER = (b"/OCProperties << /OCGs [ 11 0 R ] /D << /OFF [ 11 0 R ] >> >>", (b"<< /Type /OCG /Name (old) >>",))


def hexadecimal(text: str) -> bytes:
    return b"<feff%s>" % text.encode("utf-16-be").hex().encode()


def annotation(kind: bytes, place: tuple[int, int, int, int], *entries: bytes) -> bytes:
    return b"<< /Type /Annot /Subtype /%s /Rect [ %d %d %d %d ] %s >>" % (kind, *place, b" ".join(entries))


def annotated(content: bytes, *annotations: bytes, others: tuple[bytes, ...] = ()) -> bytes:
    references = b" ".join(b"%d 0 R" % (FIRST_ADDED + n) for n in range(len(annotations)))
    return pdf(
        content,
        page_entries=b"/Annots [ %s ]" % references,
        catalog=b"/AcroForm << /Fields [ %s ] >>" % references,
        added=(*annotations, *others),
    )


def field(kind: bytes, place: tuple[int, int, int, int], *entries: bytes) -> bytes:
    return annotation(b"Widget", place, b"/FT /%s /T (f%d-%d)" % (kind, *place[:2]), *entries)


def visible(data: bytes, folder: Path) -> list[str]:
    (folder / "a.pdf").write_bytes(data)
    return [line.text for line in part_lines(read_source(folder / "a.pdf").parts) if line.text]


def below(content: bytes) -> bytes:
    return LABEL + b"\n" + content


@pytest.mark.parametrize(
    "data",
    [
        pdf(below(b"/OC /L BDC %s EMC" % page(Text(UNSEEN, base=650))), catalog=LAYER[0], added=LAYER[1]),
        pdf(below(page(Text(UNSEEN, base=100))), page_entries=b"/CropBox [ 0 400 595 842 ]"),
        pdf(below(b"3 Tr " + page(Text(UNSEEN, base=650)))),
        pdf(below(b"1 g " + page(Text(UNSEEN, base=650)))),
        pdf(below(page(Text(UNSEEN, base=650)) + box(60, 640, 400, 670, "0 0 0"))),
        annotated(
            below(page(Text(UNSEEN, base=650))),
            annotation(
                b"StrikeOut", (72, 645, 300, 665), b"/QuadPoints [ 72 665 300 665 72 645 300 645 ]", b"/C [ 1 0 0 ]"
            ),
        ),
        annotated(LABEL, annotation(b"FreeText", (72, 640, 300, 660), b"/F 2 /Contents " + hexadecimal(UNSEEN))),
        annotated(LABEL, annotation(b"FreeText", (72, 640, 300, 660), b"/F 32 /Contents " + hexadecimal(UNSEEN))),
        annotated(LABEL, annotation(b"Text", (72, 640, 92, 660), b"/Contents " + hexadecimal(UNSEEN))),
    ],
    ids=["layer", "crop", "invisible", "white", "covered", "struck", "hidden", "noview", "comment"],
)
def test_text_that_a_page_does_not_show_is_listed_and_in_no_passage(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(data)
    reading = read_document(tmp_path / "a.pdf", Document("d", "題", "a.pdf"))
    assert [passage.text for passage in reading.passages] == [SHOWN]
    assert [(one.text, one.reason) for one in reading.dropped] == [(UNSEEN, UNSEEN_REASON)]


def test_fields_and_annotations_are_read_at_their_place(tmp_path: Path) -> None:
    content = page(Text("氏名"), Text("会場", 92, 660), Text("配信", 192, 660), Text("区分", 72, 620))
    appearance = page(Text("中止", 0, 5))
    stamp = (
        b"<< /Type /XObject /Subtype /Form /BBox [ 0 0 60 20 ] /Resources << /Font << /F1 3 0 R >> >> /Length %d >>\n"
        b"stream\n%s\nendstream" % (len(appearance), appearance)
    )
    data = annotated(
        page(*lines("講座の申込み", top=750)) + b"\n" + content,
        field(b"Tx", (130, 695, 300, 712), b"/V " + hexadecimal("早瀬 千夏")),
        field(b"Btn", (76, 658, 88, 670), b"/V /Yes /AS /Yes"),
        field(b"Btn", (176, 658, 188, 670), b"/AS /Off"),
        field(b"Ch", (130, 615, 300, 632), b"/Ff 131072 /Opt [ (a) (b) ] /V (b)"),
        annotation(b"FreeText", (72, 560, 300, 580), b"/Contents " + hexadecimal("受付済み")),
        annotation(b"Stamp", (400, 746, 460, 766), b"/AP << /N 17 0 R >>"),
        others=(stamp,),
    )
    assert visible(data, tmp_path) == [
        "講座の申込み\u3000中止",
        "氏名\u3000早瀬 千夏",
        "☑会場\u3000☐配信",
        "区分\u3000b",
        "受付済み",
    ]


def test_a_file_of_too_many_pages_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_reader, "_MAX_PAGES", 3)
    (tmp_path / "a.pdf").write_bytes(pdf(*[LABEL] * 4))
    with pytest.raises(UnreadableDocumentError, match="4ページあり"):
        read_source(tmp_path / "a.pdf")
