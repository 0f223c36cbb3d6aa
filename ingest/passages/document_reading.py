"""Reads one document from its file into passages."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ingest.blocks import find_blocks
from ingest.blocks.model import SourceDocument, part_lines
from ingest.blocks.speakers import may_be_minutes, with_speakers
from ingest.blocks.unread_parts import UNREAD_CELL, UNREAD_PAGE_REASON, UNREAD_PICTURES_REASON
from ingest.documents import Block, Document, ParsedDocument, Passage
from ingest.errors import UnreadableDocumentError
from ingest.guardrails.prompt_injection import mark_injections
from ingest.japanese.samples import is_sample_heading
from ingest.passages.splitter import split
from ingest.readers import read_source
from ingest.readers.scans.ocr import is_ocr_installed

# Pages that a warning lists; the others are counted.
_MAX_LISTED_PAGES = 5


def read_document(path: Path, document: Document, source: SourceDocument | None = None) -> ParsedDocument:
    """Return the parsed document in the file at `path`; `source` is what `read_source` has returned for it.

    Raises UnreadableDocumentError if the file cannot be read or has no text.
    """
    source = source or read_source(path, document.url)
    blocks = find_blocks(source.parts)
    if document.kind == "meeting" or may_be_minutes(document.title, blocks):
        blocks = list(with_speakers(blocks))
    passages, dropped = split(document.id, document.title, blocks)
    if not passages:
        raise UnreadableDocumentError(f"{path.name}: 読み取れる本文がありません。中身のある文書を置いてください。")
    # A form without headings may say only in its first line that it is a sample.
    has_sections = len({passage.path for passage in passages}) > 1
    shared = (document.title, "" if has_sections else passages[0].text.partition("\n")[0])
    passages = tuple(replace(one, is_sample=any(map(is_sample_heading, (*shared, *one.path)))) for one in passages)
    return mark_injections(ParsedDocument(document, _with_confidence(passages, source), dropped))


def split_document(document: Document, blocks: Sequence[Block]) -> ParsedDocument:
    """Return a document of these blocks with its passages."""
    return mark_injections(ParsedDocument(document, *split(document.id, document.title, blocks)))


def unread_parts_warning(reading: ParsedDocument) -> str | None:
    """Return the warning about parts of a document that are in no passage without need, or None.

    These are unreadable pages, and pictures, also in cells of tables.
    """
    warning = ""
    if pages := [dropped.text for dropped in reading.dropped if dropped.reason == UNREAD_PAGE_REASON]:
        more = f"など{len(pages)}ページ" if len(pages) > _MAX_LISTED_PAGES else ""
        advice = "" if is_ocr_installed() else "`make setup-ocr` で OCR を使えるようにするか、"
        warning += (
            f"{'、'.join(pages[:_MAX_LISTED_PAGES])}{more}は文字を読み取れないので、索引に入りません。"
            f"文章のあるページなら、{advice}OCR で文字を付けた PDF に替えてください。"
        )
    for dropped in reading.dropped:
        warning += f"{dropped.text}は読んでいません。" if dropped.reason == UNREAD_PICTURES_REASON else ""
    if places := [passage.page for passage in reading.passages for cell in passage.cells if cell.value == UNREAD_CELL]:
        pages = [str(page) for page in dict.fromkeys(places) if page]
        more = "など" if len(pages) > _MAX_LISTED_PAGES else ""
        listed = f"{'、'.join(pages[:_MAX_LISTED_PAGES])}ページ{more}の" if pages else ""
        warning += (
            f"{listed}表のセル{len(places):,}個は、文字ではなく画像なので読めません。文字の入った表に替えてください。"
        )
    return warning or None


def _with_confidence(passages: tuple[Passage, ...], source: SourceDocument) -> tuple[Passage, ...]:
    confidences = source.confidences
    if not confidences:
        return passages
    lengths = {line.number: len(line.text) for line in part_lines(source.parts) if line.number in confidences}
    found = []
    for passage in passages:
        known = [number for number in passage.lines if number in lengths]
        total = sum(lengths[number] for number in known)
        mean = sum(confidences[number] * lengths[number] for number in known) / total if total else None
        found.append(replace(passage, confidence=mean and round(mean, 3)))
    return tuple(found)
