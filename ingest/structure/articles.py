"""Splits articles of ordinances (条例, 要綱) into heading, caption and text."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.japanese.notation import COUNT, KANJI_ONE_TO_TEN
from ingest.structure.blocks import Block

_ARTICLE = re.compile(rf"^(第{COUNT}条(?:の{COUNT})*)\s*([(（][^()（）]{{1,40}}[)）])?[\s　]+(?=\S)")
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


def opens_provision(text: str) -> bool:
    """Whether a line of an ordinance begins a change, a later paragraph or an item, and so continues no other line."""
    return bool(_CHANGE.match(text) or _LATER_PART.match(text))


def opens_article(text: str) -> bool:
    """Whether a line is the number of an article followed by its text."""
    return bool(_ARTICLE.match(text))


def articles(blocks: Sequence[Block]) -> list[Block]:
    """Make 第1条 a heading with the caption above or after it, followed by its text."""
    split: list[Block] = []
    for block in blocks:
        match = _ARTICLE.match(block.text) if block.kind in {"text", "heading"} else None
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
