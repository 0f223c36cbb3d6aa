import re
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.blocks import find_blocks
from ingest.documents import Document, Line, ParsedDocument
from ingest.errors import UnreadableDocumentError
from ingest.metadata.manifest import read_corpus
from ingest.passages.document_reading import read_document
from ingest.passages.splitter import split
from ingest.readers import SUFFIXES, read_lines
from tests.conftest import ROOT
from tests.ingest.pdf_files import lines as typed
from tests.ingest.pdf_files import page, pdf

DOCUMENT = Document("plan", "計画の題", "plan.txt")
SOURCES = ROOT.parent / "shared" / "corpus"
# What a reader takes off, because it only says what kind of line it is.
MARKUP = re.compile(r"^[\s\-*+–－・•‣◦▪➤➢►✓✔☑◆→⇒◎○●■□◇▼▶]+|[#*|\\│┃║｜\t]|<br\s*/?>|\s")
# What a passage adds to the words of its lines: marks of items, columns and lines.
ADDED = frozenset("・: \n")

WORDS = st.sampled_from(
    [
        *["計画", "市民", "窓口の手続き", "電子申請", "DX", "AI-OCR"],
        *["令和5年度", "2023年1月", "1,200人", "95%", "(案)", "「まち」"],
    ]
)
PHRASE = st.lists(WORDS, min_size=1, max_size=3).map("と".join)
SENTENCE = st.builds("{}を{}。".format, PHRASE, st.sampled_from(["進めます", "広げる", "見直しました"]))
NUMBERS = [
    *["第1章 ", "第2章 ", "第3条 ", "1 ", "2 ", "3 ", "1. ", "1.1. "],
    *["1.2. ", "(1) ", "(2) ", "① ", "② ", "ア ", "(ア) "],
]
MARKS = ["# ", "## ", "### ", "【分野1】", "【分野2】", "Ⅰ ", "Q1 ", "Stage ", "図1 "]
HEADING = st.builds("{}{}".format, st.sampled_from(NUMBERS + MARKS), WORDS)
BULLETS = [
    *["・", "- ", "* ", "- ✓ ", "  - ", "  ・", "1. ", "2. ", "3. "],
    *["(1) ", "① ", "ア ", "○ ", "●", "※ ", "※1 ", "注) "],
]
ITEM = st.builds("{}{}".format, st.sampled_from(BULLETS), PHRASE | SENTENCE)
FACT = st.builds(
    "{}{}{}".format, st.sampled_from(["日時", "場所", "発行"]), st.sampled_from([":", "：", " ", "　"]), PHRASE
)
ROW = st.lists(PHRASE | st.sampled_from(["", "※1", "-", "100%"]), min_size=2, max_size=4)
TABS = ROW.map("\t".join)
BARS = ROW.map(lambda cells: f"| {' | '.join(cells)} |")
FURNITURE_LINES = [
    *["---", "====", "| --- | --- |", "- 1 -", "- 2 -", "計画……1", "体制……2", "附則……3", "Stage 1", "Stage 2"],
    *["<!-- 案 -->", "第1条(目的) 目的を定める。", "(目的)", "(単位:人)", "【支所】", "と、", "の拡充", "　字下げ"],
    *["目次", "計画　　1", "計画　　2"],
]
FURNITURE = st.sampled_from(FURNITURE_LINES)
LINE = PHRASE | SENTENCE | HEADING | ITEM | FACT | TABS | BARS | FURNITURE
PARAGRAPH = (
    HEADING
    | PHRASE
    | st.lists(SENTENCE, min_size=1, max_size=12).map("".join)
    | st.one_of(*(st.lists(of, min_size=2, max_size=5) for of in (SENTENCE, ITEM, FACT, TABS, BARS, LINE))).map(
        "\n".join
    )
)
TEXT = st.lists(st.tuples(PARAGRAPH, st.sampled_from(["\n\n", "\n\n", "\n", "\n\f"])), min_size=4, max_size=16).map(
    lambda parts: "".join(text for part in parts for text in part)
)


def read_text(text: str) -> tuple[list[Line], ParsedDocument]:
    pages = text.split("\f")
    raw = [(line.rstrip(), page) for page, part in enumerate(pages, 1) for line in part.split("\n")]
    lines = [Line(n, line, page if len(pages) > 1 else None) for n, (line, page) in enumerate(raw, 1)]
    return lines, ParsedDocument(DOCUMENT, *split(DOCUMENT.id, DOCUMENT.title, find_blocks(lines)))


def lost_lines(lines: list[Line], reading: ParsedDocument) -> set[int]:
    kept = {n for passage in reading.passages for n in passage.lines}
    named = {n for dropped in reading.dropped for n in dropped.lines}
    return {line.number for line in lines if line.text.strip()} - kept - named


def lost_characters(lines: list[Line], reading: ParsedDocument) -> dict[int, Counter[str]]:
    named = {n for dropped in reading.dropped for n in dropped.lines}
    saying: dict[int, Counter[str]] = {}
    for passage in reading.passages:
        for n in passage.lines:
            saying.setdefault(n, Counter()).update("".join([*passage.path, passage.text]))
    texts: dict[int, str] = {}
    for line in lines:
        texts[line.number] = texts.get(line.number, "") + "\n" + line.text
    missing = {
        n: sum((Counter(MARKUP.sub("", part)) for part in text.split("\n")), Counter()) - saying.get(n, Counter())
        for n, text in texts.items()
        if n not in named
    }
    return {n: characters for n, characters in missing.items() if characters}


def invented(lines: list[Line], reading: ParsedDocument) -> dict[str, set[str]]:
    texts: dict[int, str] = {}
    for line in lines:
        texts[line.number] = texts.get(line.number, "") + line.text
    found = {p.id: set(p.text) - set("".join(texts[n] for n in p.lines)) - ADDED for p in reading.passages}
    return {passage: characters for passage, characters in found.items() if characters}


def unquoted(reading: ParsedDocument) -> list[str]:
    return [
        quote
        for p in reading.passages
        for quote in (*p.notes, *(cell.value for cell in p.cells), *(cell.column for cell in p.cells))
        if quote not in p.text
    ]


def check(lines: list[Line], reading: ParsedDocument) -> None:
    assert lost_lines(lines, reading) == set()
    assert lost_characters(lines, reading) == {}
    assert invented(lines, reading) == {}
    assert unquoted(reading) == []
    assert [p.id for p in reading.passages] == [
        f"{reading.document.id}#{n:04d}" for n in range(1, len(reading.passages) + 1)
    ]
    assert all(p.text.strip() and p.path and p.lines for p in reading.passages)
    assert all(dropped.reason for dropped in reading.dropped)


@given(TEXT)
@settings(max_examples=60, deadline=None)
def test_no_character_of_a_document_is_lost_or_added(text: str) -> None:
    check(*read_text(text))


@given(
    st.text(
        alphabet=st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t|#-・※1. ()（）第条"),
        max_size=300,
    )
)
@settings(max_examples=60, deadline=None)
def test_any_characters_can_be_read(text: str) -> None:
    lines, reading = read_text(text)
    assert lost_lines(lines, reading) == set()
    assert unquoted(reading) == []


@given(st.lists(TEXT, min_size=1, max_size=3))
@settings(max_examples=15, deadline=None)
def test_no_character_of_a_pdf_is_lost_or_added(pages: list[str]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "plan.pdf"
        path.write_bytes(pdf(*(page(*typed(*re.split(r"[\n\f]", text.replace("\t", "　　　")))) for text in pages)))
        found = read_lines(path)
    reading = ParsedDocument(DOCUMENT, *split(DOCUMENT.id, DOCUMENT.title, find_blocks(found)))
    check(found, reading)
    page_of = {line.number: line.page for line in found}
    assert all(p.page in {page_of[n] for n in p.lines} for p in reading.passages)


def real_documents(folder: Path) -> list[tuple[Path, Document]]:
    if not folder.is_dir():
        pytest.skip("出典の文書(../shared/corpus)がないため、確かめられません。")
    return [(entry.path, entry.document) for entry in read_corpus(folder).entries]


@pytest.mark.parametrize("folder", [ROOT / "corpus", SOURCES], ids=["corpus", "sources"])
def test_no_character_of_a_real_document_is_lost_or_added(folder: Path) -> None:
    for path, document in real_documents(folder):
        check(read_lines(path), read_document(path, document))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("content", ["", "\n \n\t\n", "\ufeff"])
def test_a_document_without_text_is_refused(suffix: str, content: str, tmp_path: Path) -> None:
    path = tmp_path / f"空{suffix}"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(
        UnreadableDocumentError, match=rf"空{re.escape(suffix)}: 読み取れる本文がありません。.*置いてください"
    ):
        read_document(path, DOCUMENT)


@pytest.mark.parametrize(
    ("title", "text", "samples"),
    [
        ("借用申請書（記入例）", "# 申請\n\n氏名　若葉太郎\n", ["氏名 若葉太郎"]),
        ("借用申請書", "# 決まり\n\n1台までです。\n\n# 【記入例】\n\n2台\n", ["2台"]),
        ("借用申請書", "【見本】\n氏名 若葉太郎\n", ["【見本】氏名 若葉太郎"]),
        ("借用申請書", "様式第1号　記載例\n\n台数は2台です。\n", ["台数は2台です。"]),
        ("借用申請書", "# 様式・記入例\n\n窓口にあります。\n\n# 見本市\n\n5月です。\n\n# サンプル調査\n\n1回。\n", []),
    ],
)
def test_what_is_below_a_heading_of_a_sample_is_marked(
    tmp_path: Path, title: str, text: str, samples: list[str]
) -> None:
    path = tmp_path / "a.md"
    path.write_text(text, "utf-8")
    reading = read_document(path, Document("a", title, "a.md"))
    assert [one.text.replace("\u3000", " ") for one in reading.passages if one.is_sample] == samples
