"""Joins the lines of a paragraph, and splits articles of ordinances (条例, 要綱) into heading, caption and text."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.blocks.line_marks import is_complete_line
from ingest.documents import Block, BlockKind, Line
from ingest.japanese.notation import COUNT, KANJI_ONE_TO_TEN
from ingest.japanese.sentences import ends_sentence
from ingest.japanese.tokenise import morphemes

# Characters in one line of a list of facts (発行 金沢市); longer lines are prose.
_MAX_FACT_LENGTH = 45
_KEY_VALUE = re.compile(r"^[^\s、。・:：]{2,10}[\s　]+\S")
_KEY_COLON = re.compile(r"^(?![\d\s・])[^\s、。:：/]{1,16}\s?[:：](?!//)\s*\S")
# Cells with a wide space between them, as in the lines of a table: 製造業　4.6　9.2.
_CELLS = re.compile(r"\S\u3000+\S")
# A line this many times as long as the line above shows that the line above was not wrapped.
_LONGER_FACTOR = 1.5
# Characters; longer lines are wider than any page, so line ends are the author's.
_MAX_PAGE_WIDTH = 80
# The first line of a paragraph is indented; 【電話】 and 問合せ: come before what they name.
_OPENING = re.compile(r"^(?:[\u3000─―【]|[^\s。、]{1,20}[:：]$)")
# After these a sentence must continue; a slogan may end in へ or に.
_OPEN_PARTICLES = frozenset("をのがは")
_LATIN = re.compile(r"[A-Za-z0-9]")
ARTICLE = re.compile(rf"^(第{COUNT}条(?:の{COUNT})*)(?:\s*+([(（][^()（）]{{1,40}}[)）]))?\s++(?=\S)")
_CAPTION = re.compile(r"^[(（][^()（）\d]{1,40}[)）]$")


# A line that begins a change of a text: 第3条中…を…に改める, 附則第2項中…, 別表を次のように改める.
_CHANGE = re.compile(
    rf"^(?:第{COUNT}(?:編|章|節|条|項|号)|附[\s　]?則|別表|(?:別記)?様式|題名|目次|前文|本則|同[条項号表])"
    r"[^。]*?(?:改め|加え|削|とし|繰り)"
)
# A later paragraph of an article (2 前項の…), or an item with a kanji numeral (三　…).
_LATER_PART = re.compile(
    rf"^(?:[2-9２-９]|[1１][0-9０-９])[\s　]+[^\d\s年月日].*[。）)]$|^[{KANJI_ONE_TO_TEN}]{{1,3}}　\S"
)


def join(left: str, right: str) -> str:
    """Join the halves of a broken line: Japanese without a space, Latin words with one."""
    between = " " if left and right and _LATIN.match(left[-1]) and _LATIN.match(right[0]) else ""
    return left + between + right


def is_unbroken(lines: Sequence[Line]) -> bool:
    """Whether paragraphs are single lines in this document, as in texts for the web."""
    return any(
        len(line.text) > _MAX_PAGE_WIDTH and ends_sentence(line.text.strip()) and line.page is None for line in lines
    )


def continues_block(block: Block, text: str, *, is_unbroken: bool = False) -> bool:
    """Whether a line continues `block`: its sentence has not ended, and the line begins nothing new.

    In documents with unbroken lines, a line continues only after a particle or 、.
    """
    if block.kind not in {"text", "item", "note", "lead"} or ends_sentence(block.text):
        return False
    # A line of an ordinance that begins a change, a later paragraph or an item continues no other line.
    if _CHANGE.match(text) or _LATER_PART.match(text) or (_CELLS.search(block.text) and _CELLS.search(text)):
        return False
    is_complete = is_complete_line(block.text)
    # A wrapped line fills the page's width, so a short line (場所:公民館) before a long sentence was not wrapped.
    is_longer = len(text) > _LONGER_FACTOR * len(block.text)
    if block.kind == "lead" and (is_longer or is_unbroken or is_complete):
        return False
    if is_unbroken and (is_longer or is_complete or _KEY_COLON.match(text)):
        return False
    if is_complete and (_OPENING.match(text) or _KEY_COLON.match(text) or (is_longer and _KEY_COLON.match(block.text))):
        return False
    return not (is_key_value(text) and is_key_value(block.text))


def is_key_value(text: str) -> bool:
    """Whether a line is a name with its value: 発行 金沢市, 日時:5月11日."""
    if _KEY_COLON.match(text):
        return True
    return bool(_KEY_VALUE.match(text)) and len(text) <= _MAX_FACT_LENGTH


def rejoin(blocks: Sequence[Block]) -> list[Block]:
    """Join sentences broken by blank lines or page ends, after 、 or を or before a particle."""
    joined: list[Block] = []
    for block in blocks:
        last = joined[-1] if joined else None
        may_continue = last is not None and last.kind in {"text", "label", "speech"} and block.kind in {"text", "label"}
        if last and may_continue and not ends_sentence(last.text):
            left, right = morphemes(last.text)[-1], morphemes(block.text)[0]
            goes_on = right.pos[0] == "助詞" or right.surface in {"、", "。"}
            is_open = left.surface == "、" or (left.pos[0] == "助詞" and left.surface in _OPEN_PARTICLES)
            if goes_on or is_open:
                kind: BlockKind = "speech" if last.kind == "speech" else "text"
                joined[-1] = replace(last, kind=kind, text=join(last.text, block.text), lines=last.lines + block.lines)
                continue
        joined.append(block)
    return joined


def articles(blocks: Sequence[Block]) -> list[Block]:
    """Make 第1条 a heading with the caption above or after it, followed by its text."""
    split: list[Block] = []
    for block in blocks:
        match = ARTICLE.match(block.text) if block.kind in {"text", "heading"} else None
        if match is None:
            split.append(block)
            continue
        lines, text = block.lines[:1], match[1] + (match[2] or "")
        if not match[2] and split and split[-1].kind in {"label", "text"} and _CAPTION.match(split[-1].text):
            caption = split.pop()
            lines, text = caption.lines + lines, text + caption.text
        split.append(Block("heading", text, lines, block.page, "条", 400))
        split.append(replace(block, kind="text", text=block.text[match.end() :], style="", rank=None))
    return split
