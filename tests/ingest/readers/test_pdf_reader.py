from pathlib import Path

import pytest

from ingest.documents import Document, Line
from ingest.errors import UnreadableDocumentError
from ingest.metadata.proposal import find_fields
from ingest.passages.document_reading import read_document
from ingest.readers import read_lines
from tests.ingest.pdf_files import BLANK, BULLET, PICTURE, SHAPES, Text, lines, page, pdf

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
