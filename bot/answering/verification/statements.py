"""Splits a text into statements with their citation marks.

Marks are read in all common notations, before or after the full stop or at the end of a paragraph; lists too.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.answering.state.citation_marks import read_marks
from ingest.japanese.markers import ITEM_MARK
from ingest.japanese.normal_forms import normalise_figures
from ingest.japanese.sentences import sentences

ABSTENTION = "資料に記載がありません"
"""What the prompt asks a model to write where the passages do not answer."""
_MARKS = re.compile(r"(?<!\s)(?:\s*+\[\d{1,3}\])+")
_N = r"\s?+\^?(?:資料|出典|文書|参考|注|source\s)?\s?+\d{1,3}"
# 【1】, （資料1）, [1, 2], [^1], 〔出典2〕; plain numbers in round brackets are items.
_WRITTEN = re.compile(
    rf"[\[［【〔]{_N}(?:\s?[,、，・;]{_N})*\s?[\]］】〕]"
    r"|[(（]\s?(?:資料|出典|source\s)\s?\d{1,3}(?:\s?[,、，・]\s?+(?:資料|出典)?\s?+\d{1,3})*\s?[)）]",
    re.IGNORECASE,
)
_RAISED = re.compile("(?<![A-Za-z0-9])[¹²³⁴-⁹]")
_BEHIND_END = re.compile(r"([。！？!?])((?:\s*\[\d{1,3}\])+)")
_ORNAMENT = re.compile(r"^\s*#{1,6}\s+|\*\*|__|^```.*$")


@dataclass(frozen=True, slots=True)
class CitedStatement:
    """A sentence, or the part of a sentence up to its marks.

    Attributes:
        text: the words without marks.
        cited: the numbers of the marks, which count the passages from 1.
        items: the number of list items under a lead, or of the parts that marks make of a sentence, else 0.
        listed: whether it is a list item.
        quotes: words of its sources that a model gives as support.
        formula: the calculation or count that a model gives: 3件 + 4件 = 7件, [1] の項目数 = 9.
        is_absence: whether it only says what the documents lack.
        starts_line: whether it begins a new line of a model's text.
    """

    text: str
    cited: tuple[int, ...] = ()
    items: int = 0
    listed: bool = False
    quotes: tuple[str, ...] = ()
    formula: str = ""
    is_absence: bool = False
    starts_line: bool = False


def normalise_marks(text: str) -> str:
    """Return `text` with every mark of citation written `[n]`, before the full stop, and without Markdown ornaments."""
    text = _WRITTEN.sub(lambda m: "".join(f"[{int(n)}]" for n in re.findall(r"\d+", m[0])), text)
    text = _RAISED.sub(lambda m: f"[{unicodedata.digit(m[0])}]", text)
    return _BEHIND_END.sub(r"\2\1", "\n".join(_ORNAMENT.sub("", line) for line in text.split("\n")))


def split_statements(text: str) -> list[CitedStatement]:
    """Return the statements of `text`, in order.

    The lead and the items of a list fill each other's missing marks, and a sentence takes the marks of the next in its
    paragraph.
    """
    lines = [line for line in normalise_marks(text).splitlines() if line.strip()]
    statements = [statement for block in _blocks(lines) for statement in _fill_marks_in_block(block)]
    return [replace(one, is_absence=not one.cited and ABSTENTION in one.text) for one in statements]


def _blocks(lines: Sequence[str]) -> list[list[list[CitedStatement]]]:
    blocks: list[list[list[CitedStatement]]] = []
    for line in lines:
        bullet = ITEM_MARK.match(line)
        content = normalise_figures(line[bullet.end() :] if bullet else line)
        statements = _fill_marks_in_line([part for sentence in sentences(content) for part in _parts(sentence)])
        if bullet and blocks:
            blocks[-1].append(statements)
        elif statements:
            blocks.append([statements])
    return blocks


def _fill_marks_in_line(statements: Sequence[CitedStatement]) -> list[CitedStatement]:
    filled: list[CitedStatement] = []
    following: tuple[int, ...] = ()
    for statement in reversed(statements):
        following = statement.cited or following
        filled.append(replace(statement, cited=following))
    return filled[::-1]


def _fill_marks_in_block(block: list[list[CitedStatement]]) -> list[CitedStatement]:
    (*preceding, lead), *items = block
    item_statements = [statement for item in items for statement in item]
    item_numbers = dict.fromkeys(n for statement in item_statements for n in statement.cited)
    return [
        *preceding,
        replace(lead, items=len(items) or lead.items, cited=lead.cited or tuple(item_numbers)),
        *(replace(statement, cited=statement.cited or lead.cited, listed=True) for statement in item_statements),
    ]


def _parts(sentence: str) -> list[CitedStatement]:
    groups = list(_MARKS.finditer(sentence))
    starts = [0, *(group.end() for group in groups[:-1])]
    ends = [*(group.end() for group in groups[:-1]), len(sentence)]
    return [
        CitedStatement(
            text,
            read_marks(sentence[start:end]),
            len(groups) if len(groups) > 1 else 0,
        )
        for start, end in zip(starts, ends, strict=True)
        if (text := _MARKS.sub("", sentence[start:end]).strip())
    ]
