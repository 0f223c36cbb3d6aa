"""Classifies short separate lines: titles, and units of tables."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.blocks.headings import LONGEST_LABEL
from ingest.blocks.line_marks import is_predicate, level_of
from ingest.blocks.model import Block
from ingest.japanese.markers import MARKS
from ingest.japanese.sentences import ends_sentence

# ○, ◎, ☆ and ★ mark list items more often than sections, unless other marks open sections too.
_LIST_MARKS = "○◎☆★"
_AS_OF = re.compile(r"[年月日]\s?現在\s*[)）]?$")
# Maximum length of a marked title, as of a numbered one.
_MAX_MARKED_LENGTH = LONGEST_LABEL * 2
# Name-value lines are not titles: 基本理念: 「…」.
_STATES = re.compile(r"[:：]\s*\S")


def is_label(block: Block) -> bool:
    """Whether a separate block is a title or the text of a figure, not a sentence."""
    text = block.text
    if block.kind != "text" or len(text) > LONGEST_LABEL or text.endswith("、") or ends_sentence(text):
        return False
    return not is_predicate(text)


def marked_headings(blocks: Sequence[Block]) -> list[Block]:
    """Turn a marked line into a heading if other content follows: ■ 福祉用具の展示."""
    titles = {i for i, b in enumerate(blocks[:-1]) if b.kind == "lead" and _is_title(b.text, blocks[i + 1])}
    if all(blocks[i].text[0] in _LIST_MARKS for i in titles):
        return list(blocks)
    alone = {i for i in titles if i + 1 in titles and level_of(blocks[i + 1].text[0]) <= level_of(blocks[i].text[0])}
    return [replace(b, kind="heading", style=b.text[0]) if i in titles - alone else b for i, b in enumerate(blocks)]


def _is_title(text: str, below: Block) -> bool:
    if text[0] not in MARKS or (below.kind == "heading" and below.style != "<>") or below.text[:1] == text[0]:
        return False
    return len(text) <= _MAX_MARKED_LENGTH and "。" not in text


def table_titles(blocks: Sequence[Block]) -> list[Block]:
    """Turn a short line right above a table into its label, also if headings are marked."""
    above = {i for i, b in enumerate(blocks[1:]) if b.kind == "table"}
    above |= {i - 1 for i in above if i and is_unit(blocks[i].text)}
    return [
        replace(b, kind="label")
        if i in above and is_label(b) and (is_unit(b.text) or not _STATES.search(b.text))
        else b
        for i, b in enumerate(blocks)
    ]


def is_unit(text: str) -> bool:
    """Whether a label gives the unit or the day of one table: (単位:人), 令和7年4月1日現在."""
    return text.lstrip("(（").startswith("単位") or (len(text) <= LONGEST_LABEL and bool(_AS_OF.search(text)))
