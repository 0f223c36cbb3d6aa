from pathlib import Path

from bot.channels.pages.reading.section_comparison import compare_sections
from ingest.documents import Document, Passage
from ingest.passages.document_reading import read_document


def read_sections(folder: Path, text: str) -> tuple[Passage, ...]:
    path = folder / "plan.md"
    path.write_text(text, encoding="utf-8")
    return read_document(path, Document("plan", "霞ヶ浜町みなと計画", path.name)).passages


def headings(folder: Path, old: str, new: str) -> list[tuple[str, str]]:
    texts = ["\n".join(f"## {heading}\n\n本文です。\n" for heading in one.split("/")) for one in (old, new)]
    pairs = compare_sections(*(read_sections(folder, text) for text in texts))
    return [(pair.old.heading if pair.old else "", pair.new.heading if pair.new else "") for pair in pairs]


def test_sections_are_paired_without_their_numbers(tmp_path: Path) -> None:
    assert headings(tmp_path, "第1章 港/第2章 渡し船/第3章 祭り", "1. 灯台/2. 渡し船の運航/3. 港") == [
        ("", "1. 灯台"),
        ("第2章 渡し船", "2. 渡し船の運航"),
        ("第1章 港", "3. 港"),
        ("第3章 祭り", ""),
    ]


def test_differences_are_marked_word_by_word(tmp_path: Path) -> None:
    old = read_sections(tmp_path, "## 港\n\n朝市は月に1回です。\n")
    (pair,) = compare_sections(old, read_sections(tmp_path, "## 港\n\n朝市は毎週です。\n"))
    assert pair.words is not None
    assert ["".join(word.text for word in side) for side in pair.words] == ["朝市は月に1回です。", "朝市は毎週です。"]
    assert [word.text for word in pair.words[1] if word.is_marked] == ["毎週"]
    (same,) = compare_sections(old, old)
    assert same.words is None
