from pathlib import Path

import pytest
from openpyxl import Workbook

from ingest.corpus import Corpus
from ingest.errors import UnreadableDocumentError
from ingest.metadata.manifest import examine
from ingest.readers.faq_file import ANSWER, QUESTION, FaqRow, read_faq, write_faq

ROWS = "課,回答,質問,メモ\nくらし課,窓口は2階です。,窓口はどこですか,残す\n,,,\nくらし課,,何時までですか,\n"


def corpus_of(folder: Path, content: bytes, name: str = "faq.csv") -> Corpus:
    (folder / name).write_bytes(content)
    return examine(folder)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_csv_of_excel_is_read_whatever_the_order_of_its_columns(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "faq.csv").write_bytes(ROWS.replace("\n", "\r\n").encode(encoding))
    first, second = read_faq(tmp_path / "faq.csv")
    assert (first.cell(QUESTION), first.cell(ANSWER), first.line) == ("窓口はどこですか", "窓口は2階です。", 2)
    assert second.line == 4


def test_a_workbook_is_read(tmp_path: Path) -> None:
    book = Workbook()
    for cells in (("質問", "回答"), ("窓口はどこですか", "2階です。\n3階もあります。")):
        book.active.append(cells)
    book.save(tmp_path / "faq.xlsx")
    (row,) = read_faq(tmp_path / "faq.xlsx")
    assert row.cell(ANSWER) == "2階です。\n3階もあります。"


def test_what_is_written_is_read_with_its_other_columns(tmp_path: Path) -> None:
    row = FaqRow(2, {QUESTION: "窓口は?", ANSWER: "2階です。\n「西棟」, 奥", "メモ": "残す"})
    (tmp_path / "faq.csv").write_bytes(write_faq([row]))
    (read,) = read_faq(tmp_path / "faq.csv")
    assert {column: cell for column, cell in read.cells.items() if cell} == row.cells


def test_each_row_is_a_document_and_a_row_with_a_problem_is_named(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, ROWS.encode() + "くらし課,1階です。,窓口は どこですか?,\n".encode())
    assert [entry.blocks[0].text for entry in corpus.entries] == ["窓口はどこですか", "窓口は どこですか?"]
    assert [str(one).partition("faq.csv: ")[2][:13] for one in corpus.unreadable] == ["faq.csv 4行目: "]


def test_two_rows_for_a_question_are_named_over_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("質問,回答\n窓口はどこですか,1階です。\n".encode())
    corpus = corpus_of(tmp_path, ROWS.encode())
    assert len(corpus.entries) == 1
    assert any("2つあります" in str(one) for one in corpus.unreadable)


def test_a_wrong_header_is_told_with_the_columns_that_it_needs(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text("Q,A\nx,y\n", "utf-8")
    with pytest.raises(UnreadableDocumentError, match="「質問」「回答」という列"):
        read_faq(tmp_path / "faq.csv")
