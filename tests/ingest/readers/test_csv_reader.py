from pathlib import Path

import pytest

from ingest.documents import Cell, Document, Passage
from ingest.errors import UnreadableDocumentError
from ingest.passages.document_reading import read_document

DOCUMENT = Document("facilities", "施設一覧", "facilities.csv")


def rows(folder: Path, text: str, encoding: str = "utf-8") -> tuple[Passage, ...]:
    path = folder / "facilities.csv"
    path.write_bytes(text.encode(encoding))
    return read_document(path, DOCUMENT).passages


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_record_becomes_a_row_with_its_column_names(encoding: str, tmp_path: Path) -> None:
    (passage,) = rows(tmp_path, "名称,定員\r\n中央公民館,120人\r\n", encoding)
    assert passage.kind == "row"
    assert passage.cells == (Cell("名称", "中央公民館"), Cell("定員", "120人"))
    assert passage.text == "名称: 中央公民館\n定員: 120人"
    assert passage.lines == (1, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("名称,電話,定員\n公民館,,120人\n図書館,,\n", ["名称: 公民館\n定員: 120人", "名称: 図書館"]),
        ('名称,区分\n"A|B, C",甲|乙\n', ["名称: A|B, C\n区分: 甲|乙"]),
        ("施設\n公民館\n図書館\n", ["施設: 公民館", "施設: 図書館"]),
    ],
)
def test_values_stay_in_their_columns(text: str, expected: list[str], tmp_path: Path) -> None:
    assert [p.text for p in rows(tmp_path, text)] == expected


@pytest.mark.parametrize("separator", ["\t", ",", ";", "|"])
@pytest.mark.parametrize(
    "records",
    [
        [["室", "平日", "休日"], ["大会議室", "12,300円", "15,800円"], ["茶室", "900円", "1,200円"]],
        [["費目", "金額"], ["設計", "3,200,000"], ["工事", "48,500,000"], ["備品", "980,000"]],
        [["室", "備考"], ["茶室", "靴を脱ぎ,静かに; 火気は禁止"], ["工作室", "道具は有料"]],
        [["令和8年度の貸室"], ["室", "定員", "階"], ["茶室", "12", "2"], ["工作室", "20", "1"], ["講堂", "300", "1"]],
    ],
)
def test_the_separator_is_found(separator: str, records: list[list[str]], tmp_path: Path) -> None:
    quoted = [[f'"{cell}"' if separator in cell else cell for cell in record] for record in records]
    passages = rows(tmp_path, "".join(f"{separator.join(record)}\n" for record in quoted))
    *_, header = [record for record in records if len(record) == max(map(len, records))][:1]
    expected = [list(zip(header, record, strict=True)) for record in records[records.index(header) + 1 :]]
    assert [[(cell.column, cell.value) for cell in passage.cells] for passage in passages] == expected


@pytest.mark.parametrize("text", ["", ",,\n,,\n", "\n\n"])
def test_a_file_without_values_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocumentError, match=r"facilities\.csv: 読み取れる本文がありません"):
        rows(tmp_path, text)


def test_an_unclosed_quote_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocumentError, match="引用符の対応を確かめ"):
        rows(tmp_path, '名称,備考\n公民館,"' + "長い説明\n" * 50_000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "窓口,担当課,電話\n住民票,市民課,11-1111\n,,\n税証明,,22-2222\n納税,収納課,33-3333\n",
            ["窓口 担当課 電話", "窓口 電話", "窓口 担当課 電話"],
        ),
        ("室,定員\n茶室,12人\n,\n講堂,300人\n\n計,312人\n", ["室 定員", "室 定員", "室 定員"]),
        ("室,定員\n茶室,12人\n,\n教室,曜日\n書道,月\n", ["室 定員", "教室 曜日"]),
        ("室,令和7年,令和8年\n茶室,12,9\n,,\n人,2027年,2028年\n町,8,4\n", ["室 令和7年 令和8年", "人 2027年 2028年"]),
    ],
)
def test_an_empty_record_ends_a_table_unless_rows_like_those_above_follow(
    text: str, expected: list[str], tmp_path: Path
) -> None:
    heads = [" ".join(cell.column for cell in row.cells) for row in rows(tmp_path, text) if row.kind == "row"]
    assert heads == expected
