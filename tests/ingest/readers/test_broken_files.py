import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from ingest.blocks import find_blocks
from ingest.errors import UnreadableDocumentError
from ingest.readers import read_source
from tests.conftest import ROOT
from tests.ingest.docx_files import cell, table, write_docx
from tests.ingest.readers.test_pdf_reader import LABEL, annotated, annotation, field, hexadecimal

OFFICE = ROOT / "tests" / "documents" / "office"
PAGE = """<style>.p{display:none}</style><main><button aria-controls=a>袋</button><div id=a class=p>店で。</div>
<table><tr><th colspan=2>額<th>備考<tr><td rowspan=2>大<td><s>30円</s>40円<td>税込<tr><td>小</table></main>"""
TEXT = "# ごみ\n\n袋は~~30円~~ 40円。<del>旧</del>\n\n| 袋 | 額 |\n|---|---|\n| 大 | [表](a.pdf) |\n"
SOURCES = {
    ".docx": (OFFICE / "plan.docx").read_bytes(),
    ".xlsx": (OFFICE / "budget.xlsx").read_bytes(),
    ".pptx": (OFFICE / "report.pptx").read_bytes(),
    ".html": PAGE.encode(),
    ".md": TEXT.encode(),
    ".pdf": annotated(
        LABEL,
        annotation(b"FreeText", (72, 640, 300, 660), b"/Contents " + hexadecimal("受付")),
        field(b"Tx", (130, 695, 300, 712), b"/V (x)"),
    ),
}
N_FILES = 24


def damaged(content: bytes, choose: random.Random) -> bytes:
    if choose.random() < 0.5:
        return content[: choose.randrange(len(content))]
    changed = bytearray(content)
    for _ in range(choose.randrange(1, 20)):
        changed[choose.randrange(len(changed))] = choose.randrange(256)
    return bytes(changed)


# One part of a package is damaged or missing.
def repacked(content: bytes, choose: random.Random) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(output, "w") as target:
        victim = choose.choice(source.namelist())
        for name in source.namelist():
            if name != victim:
                target.writestr(name, source.read(name))
            elif choose.random() < 0.8 and source.read(name):
                target.writestr(name, damaged(source.read(name), choose))
    return output.getvalue()


@pytest.mark.usefixtures("no_ocr")
@pytest.mark.parametrize("suffix", SOURCES)
def test_a_broken_file_is_read_or_named(suffix: str, tmp_path: Path) -> None:
    choose = random.Random(suffix)
    path = tmp_path / f"file{suffix}"
    is_package = suffix in {".docx", ".xlsx", ".pptx"}
    for number in range(N_FILES):
        path.write_bytes((repacked if is_package and number % 2 else damaged)(SOURCES[suffix], choose))
        try:
            find_blocks(read_source(path).parts)
        except UnreadableDocumentError:
            continue


def nested_word(depth: int) -> str:
    inner = f"<w:tc>{nested_word(depth - 1)}<w:p/></w:tc>" if depth else cell("底")
    return table((cell(f"段{depth}"), inner))


def nested_page(depth: int) -> str:
    return f"<table><tr><td>段{depth}<td>{nested_page(depth - 1) if depth else '底'}</table>"


def merged_word() -> str:
    across = '<w:gridSpan w:val="60"/>'
    return table(*((cell("x", properties=f"{across}<w:vMerge/>" if n else across),) for n in range(60)))


def page(path: Path, body: str) -> Path:
    path.write_text(f"<meta charset=utf-8><main>{body}</main>", "utf-8")
    return path


def workbook(path: Path, rows: int, columns: int, merged: str = "") -> Path:
    book = Workbook()
    for row in range(rows):
        book.active.append([f"{row}の{column}" for column in range(columns)])
    if merged:
        book.active.merge_cells(merged)
    book.save(path)
    return path


LARGE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "500 columns.docx": (lambda path: write_docx(path, table(*[tuple(map(cell, "a" * 500))] * 3)), "a"),
    "merged.docx": (lambda path: write_docx(path, merged_word()), "x"),
    "nested.docx": (lambda path: write_docx(path, nested_word(5)), "底"),
    "500 columns.xlsx": (lambda path: workbook(path, 3, 500), "2の499"),
    "merged.xlsx": (lambda path: workbook(path, 1, 1, "A1:Z300"), "0の0"),
    "500 columns.html": (lambda path: page(path, f"<table>{('<tr>' + '<td>a' * 500) * 3}</table>"), "a"),
    "merged.html": (lambda path: page(path, f"<table><tr><td rowspan=90 colspan=90>x{'<tr>' * 90}</table>"), "x"),
    "nested.html": (lambda path: page(path, nested_page(5)), "底"),
    "100000 rows.html": (lambda path: page(path, f"<table>{'<tr><td>a<td>b<td>c' * 100_000}</table>"), "セルが多すぎ"),
}


@pytest.mark.parametrize("name", LARGE)
def test_a_large_table_is_read_or_named(name: str, tmp_path: Path) -> None:
    write, expected = LARGE[name]
    path = write(tmp_path / name)
    try:
        found = " ".join(
            " ".join((b.text, *(c for r in b.rows for c in r.cells))) for b in find_blocks(read_source(path).parts)
        )
    except UnreadableDocumentError as error:
        found = str(error)
    assert expected in found
