"""Splits articles of ordinances (条例, 要綱) into heading, caption and text."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.japanese.notation import COUNT
from ingest.structure.blocks import Block

_ARTICLE = re.compile(rf"^(第{COUNT}条(?:の{COUNT})*)\s*([(（][^()（）]{{1,40}}[)）])?[\s　]+(?=\S)")
_CAPTION = re.compile(r"^[(（][^()（）\d]{1,40}[)）]$")


def opens_article(text: str) -> bool:
    """Whether a line is the number of an article followed by its text."""
    return bool(_ARTICLE.match(text))


def articles(blocks: Sequence[Block]) -> list[Block]:
    """Make 第1条 a heading with the caption above or after it, followed by its text."""
    found: list[Block] = []
    for block in blocks:
        match = _ARTICLE.match(block.text) if block.kind in {"text", "heading"} else None
        if match is None:
            found.append(block)
            continue
        lines, text = block.lines[:1], match[1] + (match[2] or "")
        if not match[2] and found and found[-1].kind in {"label", "text"} and _CAPTION.match(found[-1].text):
            caption = found.pop()
            lines, text = caption.lines + lines, text + caption.text
        found.append(Block("heading", text, lines, block.page, "条", 400))
        found.append(replace(block, kind="text", text=block.text[match.end() :], style="", rank=None))
    return found
