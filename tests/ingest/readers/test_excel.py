import re
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from ingest.errors import UnreadableDocumentError
from ingest.readers import read_source
from ingest.readers.office.xlsx_formats import format_cell
from tests.conftest import ROOT
from tests.ingest.readers.part_lines import read_part_lines

AFTERNOON = datetime(2025, 4, 1, 13, 5)  # noqa: DTZ001 -- sheets know of no time zones
OFFICE = ROOT / "tests" / "documents" / "office"


def texts(path: Path) -> list[str]:
    return [line.text for line in read_part_lines(path) if line.text and not line.text.startswith("| -")]


def fill(sheet: Any, rows: list[list[object]], top: int = 1, left: int = 1) -> None:
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.cell(top + at, left + column, value)


def saved(book: Workbook, folder: Path) -> Path:
    path = folder / "book.xlsx"
    book.save(path)
    return path


def change_part(path: Path, part: str, pattern: bytes, written: bytes) -> None:
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, "w") as file:
        for name, content in parts.items():
            file.writestr(name, re.sub(pattern, written, content, flags=re.DOTALL) if part in name else content)


def test_a_real_workbook_is_read_as_displayed() -> None:
    assert texts(OFFICE / "budget.xlsx") == [
        *("# 決算", "霧ヶ沢町 令和6年度決算の概要", "（単位：千円）"),
        *("| 区分 | 予算額 | 前年度との差 | 執行率 |", "| 民生費 | 2,345,678 | ▲ 12,345 | 98.3% |"),
        *("| 土木費 | 876,543 | 4,000 | 100.0% |", "| 合計 | 3,222,221 | ▲ 8,345 |  |"),
        *("※千円未満は四捨五入しています。", "施設の利用", "| 施設 | 開館日 | 利用者（人） |"),
        *("| 図書館 | 令和1年5月1日 | 12,345 |", "| 図書館 | 昭和63年4月1日 | 678 |"),
        *("(非表示のシート) 見せない数字", "# 人口", "| 地区 | 世帯 |", "| 北沢 | 321 |"),
    ]
    assert read_source(OFFICE / "budget.xlsx").title == "霧ヶ沢町 令和6年度決算の概要"


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (1234567.0, "#,##0", "1,234,567"),
        (-1234, '#,##0;"▲ "#,##0', "▲ 1,234"),
        (-1234, "#,##0;[Red]△#,##0", "△1,234"),
        (0, '#,##0;▲#,##0;"-"', "-"),
        (1234567, "#,##0,", "1,235"),
        (0.1234, "0.0%", "12.3%"),
        (2.5, "0", "3"),
        (12, 'General"人"', "12人"),
        (0.1 + 0.2, "General", "0.3"),
        (-5, "0_);(0)", "(5)"),
        (1.5, "# ?/?", "1.5"),
        (25, '[>=20]"多い";"少ない"', "25"),
        (1234.5, '_ * #,##0.00_ ;_ * "-"??_ ;_ @_ ', "1,234.50"),
        (123, "[$¥-411]#,##0", "¥123"),
        (9012345678, "000-0000-0000", "090-1234-5678"),
        (20250401, '0000"/"00"/"00', "2025/04/01"),
        (date(2025, 4, 1), '[$-411]ggge"年"m"月"d"日";@', "令和7年4月1日"),
        (date(2025, 4, 1), "ge.m.d", "R7.4.1"),
        (date(2019, 5, 1), '[$-ja-JP-x-gannen]ggge"年"', "令和元年"),
        (date(2019, 4, 30), 'ggge"年"', "平成31年"),
        (date(2025, 4, 1), 'yyyy"年"m"月"d"日"(aaa)', "2025年4月1日(火)"),
        (45748.5, "yyyy/m/d h:mm", "2025/4/1 12:00"),
        (time(9, 5), "h:mm", "9:05"),
        (timedelta(hours=30), "[h]:mm", "30:00"),
        (AFTERNOON, "h:mm AM/PM", "13:05"),
        ("文", "General", "文"),
        (5, ";;;", ""),
        (None, "General", ""),
    ],
)
def test_a_value_is_displayed_in_its_number_format(value: object, form: str, text: str) -> None:
    assert format_cell(value, form) == text


def test_built_in_formats_are_the_japanese_ones(tmp_path: Path) -> None:
    book = Workbook()
    fill(book.active, [["名称", "日"], ["甲", 45748], ["乙", 45749]])
    path = saved(book, tmp_path)
    style = b'<cellXfs count="2"><xf/><xf numFmtId="57" applyNumberFormat="1"/></cellXfs>'
    change_part(path, "/styles.xml", b"<cellXfs.*</cellXfs>", style)
    change_part(path, "/sheet1.xml", b'<c r="(B[23])"', rb'<c r="\1" s="1"')
    assert texts(path) == ["| 名称 | 日 |", "| 甲 | R7.4.1 |", "| 乙 | R7.4.2 |"]


def test_tables_on_one_sheet_are_separated(tmp_path: Path) -> None:
    book = Workbook()
    fill(book.active, [["施設", "人数"], ["図書館", 5], ["公民館", 6]])
    fill(book.active, [["課", "電話"], ["総務課", "内線1"]], left=4)
    fill(book.active, [["地区", "世帯"], ["北沢", 3]], top=6)
    assert texts(saved(book, tmp_path)) == [
        *("| 施設 | 人数 |", "| 図書館 | 5 |", "| 公民館 | 6 |"),
        *("| 課 | 電話 |", "| 総務課 | 内線1 |"),
        *("| 地区 | 世帯 |", "| 北沢 | 3 |"),
    ]


def test_hidden_rows_columns_and_sheets_are_left_out(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    fill(sheet, [["地区", "令和5年", None, "備考"], [None, "男", "女", None], ["北", 1, 2, "内部"], ["隠し", 9, 9, 9]])
    sheet.merge_cells("A1:A2")
    sheet.merge_cells("B1:C1")
    sheet.row_dimensions[4].hidden = True
    sheet.column_dimensions["D"].hidden = True
    for state in ("hidden", "veryHidden"):
        hidden = book.create_sheet(state)
        hidden.sheet_state = state
        hidden["A1"] = "秘密"
    assert texts(saved(book, tmp_path)) == [
        *("| 地区 | 令和5年 男 | 令和5年 女 |", "| 北 | 1 | 2 |"),
        *("(非表示の行・列) 備考", "(非表示の行・列) 内部", "(非表示の行・列) 隠し 9 9 9"),
        *("(非表示のシート) 秘密", "(非表示のシート) 秘密"),
    ]


def test_what_nobody_sees_on_a_sheet_is_kept_apart(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    runs = CellRichText("定員", TextBlock(InlineFont(strike=True), "20名"), "30名")
    fill(
        sheet,
        [
            ["区分", "額", "備考", None, "メモ"],
            ["大人", 300, runs, None, "値上げ案"],
            ["子", 100, "要証明", None, None],
        ],
    )
    sheet["B2"].font = Font(strike=True)
    sheet["B3"].number_format = ";;;"
    sheet["C3"].font = Font(color="FFFFFFFF")
    sheet["A1"].font = Font(color="FFFFFFFF")
    sheet["A1"].fill = PatternFill("solid", fgColor="FF003366")
    sheet["A1"].comment = Comment("内緒", "係")
    sheet["A2"].font = Font(color="FFFFFFFF")
    sheet.conditional_formatting.add(
        "A2:A2", CellIsRule("equal", ['"大人"'], fill=PatternFill("solid", bgColor="FF003366"))
    )
    sheet.print_area = "A1:C3"
    assert texts(saved(book, tmp_path)) == [
        *("| 区分 | 額 | 備考 |", "| 大人 |  | 定員30名 |", "| 子 |  |  |"),
        *("(印刷範囲の外) メモ", "(印刷範囲の外) 値上げ案", "(取り消し線) 300 20名"),
        "(見えない書式（;;; または白い文字）) 100 要証明",
    ]


def test_a_formula_whose_result_is_not_stored_is_named(tmp_path: Path) -> None:
    book = Workbook()
    fill(book.active, [["区分", "額"], ["甲", 1], ["計", "=SUM(B2:B2)"]])
    found = texts(saved(book, tmp_path))
    assert found[1:3] == ["| 甲 | 1 |", "| 計 |  |"]
    assert "計算結果が保存されていない式" in found[-1]
    assert "B3" in found[-1]


@pytest.mark.parametrize("how", ["columns", "merged"])
def test_an_excessively_large_sheet_is_refused(how: str, tmp_path: Path) -> None:
    book = Workbook()
    book.active["A1"] = "名"
    if how == "columns":
        fill(book.active, [list(range(10_000))])
    path = saved(book, tmp_path)
    if how == "merged":
        merged = b'</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
        change_part(path, "/sheet1.xml", b"</sheetData>", merged)
    with pytest.raises(UnreadableDocumentError, match=r"book\.xlsx: 表が大きすぎる.*CSV に保存して"):
        read_part_lines(path)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        *(
            ([["人口", value], ["世帯", 567]], ["| 人口 | 世帯 |", f"| {value} | 567 |"])
            for value in (1234, 2024, "2名", "本町一丁目の北の角にある古い建物")
        ),
        ([["達成\n状況", "備考"], ["甲|乙", "一\n二"]], ["| 達成状況 | 備考 |", "| 甲|乙 | 一 二 |"]),
        (
            [["地区", "男", None, "女"], ["北", 1, None, 2], ["南", 3, None, 4], [], ["計", 4, None, 6]],
            ["| 地区 | 男 | 女 |", "| 北 | 1 | 2 |", "| 南 | 3 | 4 |", "| 計 | 4 | 6 |"],
        ),
    ],
)
def test_cells_become_a_table(rows: list[list[object]], expected: list[str], tmp_path: Path) -> None:
    book = Workbook()
    fill(book.active, rows)
    assert texts(saved(book, tmp_path)) == expected


def test_texts_of_shapes_follow_the_tables_of_their_sheet(tmp_path: Path) -> None:
    book = Workbook()
    fill(book.active, [["課", "人数"], ["総務課", 1]])
    path = saved(book, tmp_path)
    drawing = "http://schemas.openxmlformats.org/drawingml/2006"
    shapes = "".join(
        f'<x:sp><x:nvSpPr><x:cNvPr id="1" name="a" hidden="{hidden}"/></x:nvSpPr><x:txBody><a:p><a:r><a:t>{text}</a:t>'
        "</a:r></a:p></x:txBody></x:sp>"
        for text, hidden in (("臨時職員を除きます。", 0), ("隠し", 1))
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/drawing"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    with zipfile.ZipFile(path, "a") as parts:
        parts.writestr(
            "xl/worksheets/_rels/sheet1.xml.rels",
            f'<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{kind}" Target="../drawings/d.xml"/>'
            "</Relationships>",
        )
        parts.writestr(
            "xl/drawings/d.xml",
            f'<x:wsDr xmlns:x="{drawing}/spreadsheetDrawing" xmlns:a="{drawing}/main">{shapes}</x:wsDr>',
        )
    assert texts(path) == ["| 課 | 人数 |", "| 総務課 | 1 |", "臨時職員を除きます。"]


def test_targets_follow_the_texts_of_links(tmp_path: Path) -> None:
    book = Workbook()
    fill(book.active, [["様式", "用紙", "担当"], ["申請書", "開く", "福祉課"], ["届出書", "開く", "税務課"]])
    book.active["B2"].hyperlink = "https://b.jp/a.docx"
    book.active["C2"].hyperlink = "javascript:steal(1)"
    book.active["B3"] = '=HYPERLINK("https://b.jp/b?x=1&y=2","開く")'
    path = saved(book, tmp_path)
    # openpyxl stores no results of formulas.
    change_part(path, "/sheet1.xml", rb'<c r="B3">(.*?)<v ?/?>(?:</v>)?', rb'<c r="B3" t="str">\1<v>A4</v>')
    assert texts(path) == [
        "| 様式 | 用紙 | 担当 |",
        "| 申請書 | 開く（https://b.jp/a.docx） | 福祉課 |",
        "| 届出書 | A4（https://b.jp/b?x=1&y=2） | 税務課 |",
    ]


# Cells as (row, column, text, width, height) on columns of the width of a digit or two.
FORMS = (
    ([(1, 1, "氏　名", 6, 1), (1, 8, "鳶田花", 9, 1)], ["|  |  |", "| 氏名 | 鳶田花 |"]),
    ([(1, 1, "氏名", 6, 1), (1, 7, "鳶田", 9, 1), (1, 16, "電話", 6, 1), (1, 22, "局番", 9, 1)],
     ["|  |  |", "| 氏名 | 鳶田 |", "| 電話 | 局番 |"]),
    ([(1, 1, "実施日", 6, 1), (1, 8, "令和", 1, 1), (1, 10, 8, 1, 1), (1, 11, "年", 1, 1),
      (1, 12, 6, 1, 1), (1, 13, "月", 1, 1)],
     ["|  |  |", "| 実施日 | 令和8年6月 |"]),
    ([(1, 1, "電話番号", 6, 1), *((1, 8 + n, text, 1, 1) for n, text in enumerate("019-55-01"))],
     ["|  |  |", "| 電話番号 | 019-55-01 |"]),
    ([(1, 1, "雨天時", 6, 1), (1, 8, "☑", 1, 1), (1, 9, "中止", 3, 1), (1, 13, "□", 1, 1), (1, 14, "延期", 3, 1)],
     ["|  |  |", "| 雨天時 | ☑中止 |", "(印のない選択肢) □延期"]),
    ([(1, 1, "冷暖房", 6, 1), (1, 8, "□ 使う（有料）　□ 使わない", 20, 1)],
     ["|  |  |", "| 冷暖房 | □ 使う（有料） □ 使わない |"]),
    ([(1, 1, "連絡先", 6, 2), (1, 7, "住所", 4, 1), (1, 11, "本町1", 9, 1), (2, 7, "電話", 4, 1), (2, 11, "019", 9, 1)],
     ["|  |  |", "| 連絡先 住所 | 本町1 |", "| 連絡先 電話 | 019 |"]),
    ([(1, 9, "体育館の申込書", 20, 1), (3, 1, "氏名", 6, 1), (3, 20, "電話", 6, 1)], ["体育館の申込書", "氏名 電話"]),
    ([(1 + n // 3, 1 + 10 * (n % 3), text, 10, 1)
      for n, text in enumerate(("室", "午前", "午後", "東", "5円", "9円", "西", "4円", "8円"))],
     ["| 室 | 午前 | 午後 |", "| 東 | 5円 | 9円 |", "| 西 | 4円 | 8円 |"]),
)  # fmt: skip


@pytest.mark.parametrize(("cells", "expected"), FORMS)
def test_a_sheet_of_grid_paper_is_read_as_a_form(
    cells: list[tuple[int, int, object, int, int]], expected: list[str], tmp_path: Path
) -> None:
    book = Workbook()
    for column in range(1, 41):
        book.active.column_dimensions[get_column_letter(column)].width = 2.2
    padding = [(90 + n, 1, "余白の文です", 38, 1) for n in range(3)]
    for row, column, text, width, height in [*cells, *padding]:
        book.active.cell(row, column, text)
        book.active.merge_cells(None, row, column, row + height - 1, column + width - 1)
    assert texts(saved(book, tmp_path))[: -len(padding)] == expected


def test_a_calendar_of_narrow_columns_is_a_table(tmp_path: Path) -> None:
    book = Workbook()
    book.active.column_dimensions["A"].width = 20
    for day in range(2, 33):
        book.active.column_dimensions[get_column_letter(day)].width = 3
    rows: list[list[object]] = [["施設", *range(1, 32)]]
    rows += [[name, *["○"] * 31] for name in ("東の図書館", "西の図書館")]
    fill(book.active, rows)
    assert texts(saved(book, tmp_path))[1].startswith("| 東の図書館 | ○ | ○ |")
