"""Tests of the coverage report: text in passages, dropped text with a reason, and lost text."""

from pathlib import Path

import pytest

from ingest import readers
from ingest.blocks.model import SourceDocument
from ingest.build.build import build
from ingest.documents import Coverage, Document, Line, Passage
from ingest.passages.document_reading import read_document
from ingest.readers.coverage import measure_coverage
from tests.ingest.pdf_files import Text, cells, lines, page, pdf, ruled
from tests.ingest.small_corpus import LetterEncoder, make_settings

SENTENCE = "町の図書室は毎週木曜日に休みます。"


def coverage(file: Path) -> Coverage:
    return read_document(file, Document("d", "題", file.name)).coverage


def reasons(found: Coverage) -> dict[str, int]:
    return {one.reason: one.characters for one in found.left_out}


def write(folder: Path, name: str, content: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def test_running_heads_and_page_numbers_of_a_pdf_are_left_out_with_their_reason(tmp_path: Path) -> None:
    pages = [
        page(Text("町の計画", base=800), *lines(f"第{n}の柱は{n}つの事業からなります。"), Text(f"- {n} -", base=40))
        for n in (1, 2, 3)
    ]
    found = coverage(write(tmp_path, "plan.pdf", pdf(*pages)))
    assert found.unexplained == ()
    assert reasons(found) == {"ページごとに繰り返す見出し": 12, "ページ番号": 3}


def test_the_cells_of_a_ruled_table_are_in_passages(tmp_path: Path) -> None:
    xs, ys = (72, 192, 292), (700, 680, 660, 640)
    table = ruled(xs, ys) + b"\n" + page(*cells(xs, ys, ("部屋", "定員"), ("集会室", "40人"), ("和室", "○")))
    found = coverage(write(tmp_path, "table.pdf", pdf(table)))
    assert found.unexplained == ()
    assert found.left_out == ()
    assert found.characters == found.in_passages == 13


def test_lost_text_is_named_with_its_page() -> None:
    read = [Line(1, SENTENCE, 1), Line(2, "本は10冊まで借りられます。", 2)]
    passages = [
        Passage("d#1", "d", "text", ("題",), SENTENCE, (1,), 1),
        Passage("d#2", "d", "text", ("題",), "本は10冊まで", (2,), 2),
    ]
    source = [(1, SENTENCE), (2, "本は10冊まで借りられます。ただし雑誌を除く。")]
    found = measure_coverage(source, read, passages, ())
    assert [(one.text, one.page) for one in found.unexplained] == [("借りられますただし雑誌を除く", 2)]


def test_a_heading_that_was_taken_from_a_line_is_found_in_the_path() -> None:
    read = [Line(1, "第十二条の三 町長は、図書室の休館日を変更することができる。", 1)]
    passages = [
        Passage(
            "d#1", "d", "text", ("第十二条の三（休館日）",), "町長は、図書室の休館日を変更することができる。", (1,), 1
        )
    ]
    assert measure_coverage([(1, read[0].text)], read, passages, ()).unexplained == ()


def test_text_in_another_order_is_found_once() -> None:
    read = [Line(1, "和室は無料", 1), Line(2, "集会室は無料", 1)]
    passages = [Passage("d#1", "d", "text", ("題",), "和室は無料\n集会室は無料", (1, 2), 1)]
    found = measure_coverage([(1, "集会室は無料\n和室は無料\n和室は無料")], read, passages, ())
    assert [one.text for one in found.unexplained] == ["和室は無料"]


def test_a_build_warns_of_lost_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [(1, f"{SENTENCE}\n年末は早く閉めます。\n")]
    monkeypatch.setitem(readers.READERS, ".txt", lambda _: SourceDocument([Line(1, SENTENCE, 1)], page_texts=pages))
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    write(corpus, "a.txt", f"{SENTENCE}\n年末は早く閉めます。\n")
    report = build(make_settings(tmp_path), [corpus], encoder=LetterEncoder())
    assert any("9字は、どの箇所にも入っていません（「年末は早く閉めます」" in warning for warning in report.warnings)
