"""Tests of tables of a document as typed data."""

import json
from pathlib import Path

import pytest

from ingest.__main__ import main
from ingest.build.build import build
from ingest.documents import Document
from ingest.passages.document_reading import read_document
from ingest.tables.table import Table
from ingest.tables.table_data import fact_rows, read_data, type_cells, type_columns
from ingest.tables.table_reading import split_tables
from tests.ingest.small_corpus import LetterEncoder, make_corpus, make_settings

GOALS = """# 緑の計画

## 指標

| 指標 | 現状値（令和6年度） | 中間目標（2028年度） | 目標値（令和12年度） | 備考 |
|---|---|---|---|---|
| 公園の面積（ha） | 12.5 | 13 | 15ha | 市営のみ |
| 苗木の配布 | 1,200本 | － | 2,000本 | |
| 満足度 | 61.5% | 65% | 70% | 調査は隔年 |

※面積は年度末の値
"""
MONEY = """# 決算

## 事業費の推移（単位：千円）

| 事業 | 2024年度 | 2025年度 | 増減（%） |
|---|---|---|---|
| 公園 | 1,234 | 2,000 | 62.1 |
| 街路樹 | 800 | 700 | △12.5 |
"""
DAYS = """# 日程

| 行事 | 開催日 | 対象 |
|---|---|---|
| 植樹祭 | 令和8年4月29日 | 5〜12歳 |
| 観察会 | 2026年5月3日（日） | 大人 |
"""


def tables(folder: Path, text: str) -> list[Table]:
    file = folder / "file.md"
    file.write_text(text, "utf-8")
    return split_tables(read_document(file, Document("file", "文書", "file.md")).passages)


def test_column_types_come_from_their_heads(tmp_path: Path) -> None:
    (table,) = tables(tmp_path, GOALS)
    assert [(one.role, one.kind, one.when) for one in type_columns(table)] == [
        ("label", "text", ""),
        ("current", "number", "2024年度"),
        ("interim", "number", "2028年度"),
        ("target", "number", "2030年度"),
        ("note", "text", ""),
    ]
    assert table.caption == "指標"
    assert table.notes == ("※面積は年度末の値",)


def test_a_cell_has_its_text_and_its_figure(tmp_path: Path) -> None:
    (table,) = tables(tmp_path, GOALS)
    area, trees, content = type_cells(table)
    assert [(d.text, d.value, d.unit) for d in area[1:4]] == [
        ("12.5", 12.5, ""),
        ("13", 13, ""),
        ("15ha", 15, "ha"),
    ]
    assert [(d.value, d.unit) for d in trees[1:4]] == [(1200, "本"), (None, ""), (2000, "本")]
    assert trees[4].text == ""
    assert content[3].value == 70
    assert content[3].unit == "%"


def test_bare_figures_have_the_unit_of_head_or_line_above(tmp_path: Path) -> None:
    (table,) = tables(tmp_path, MONEY)
    assert [(one.when, one.unit) for one in type_columns(table)] == [
        ("", ""),
        ("2024年度", "千円"),
        ("2025年度", "千円"),
        ("", "%"),
    ]
    rows = type_cells(table)
    assert rows[0][1].value == 1234
    assert rows[0][1].unit == "千円"
    assert rows[1][3].value == -12.5
    assert rows[1][3].unit == "%"


def test_days_are_dates_and_ranges_are_text(tmp_path: Path) -> None:
    (table,) = tables(tmp_path, DAYS)
    assert [one.kind for one in type_columns(table)] == ["text", "date", "text"]
    assert [row[1].value for row in type_cells(table)] == ["2026-04-29", "2026-05-03"]
    assert type_cells(table)[0][2].value is None


def test_fact_rows_have_one_fact_each(tmp_path: Path) -> None:
    (table,) = tables(tmp_path, MONEY)
    rows = list(fact_rows(table))
    assert len(rows) == 6
    assert rows[1] == ("公園", "2025年度", "other", "2025年度", 2000, "千円", "2,000", None)
    assert rows[5] == ("街路樹", "増減（%）", "other", "", -12.5, "%", "△12.5", None)


def test_different_first_columns_make_different_tables(tmp_path: Path) -> None:
    found = tables(tmp_path, GOALS + "\n" + MONEY.replace("# 決算\n", ""))
    assert [(table.n, len(table.rows)) for table in found] == [(1, 3), (2, 2)]
    assert tables(tmp_path, "# 題\n\n表はありません。\n") == []


@pytest.mark.parametrize("text", [GOALS, MONEY, DAYS])
def test_json_contains_every_cell(text: str, tmp_path: Path) -> None:
    (table,) = tables(tmp_path, text)
    data = read_data(table)
    assert [[cell.text for cell in row] for row in data.rows] == table.texts
    assert data.row_count == len(table.rows)


def test_show_can_print_only_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    settings = make_settings(tmp_path)
    build(settings, [make_corpus(tmp_path / "corpus", goals=GOALS)], encoder=LetterEncoder())
    capsys.readouterr()
    assert main(["show", "goals", "--tables", "--data", str(settings.data)]) == 0
    assert "[目標・2030年度]" in capsys.readouterr().out
    assert main(["show", "goals", "--tables", "--json", "--data", str(settings.data)]) == 0
    (table,) = json.loads(capsys.readouterr().out)
    assert table["rows"][0][3] == {"text": "15ha", "value": 15, "unit": "ha"}
