"""Splits a text into statements with their citation marks.

Marks are read however they are commonly written, before or behind the full stop, at the end of a paragraph or of all;
so are lists and tables.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.state.citation_marks import read_marks
from ingest.japanese.markers import ITEM_MARK
from ingest.japanese.normal_forms import normalise_figures
from ingest.japanese.sentences import sentences

_MARKS = re.compile(r"(?:\s*\[\d{1,3}\])+")
_N = r"\^?(?:資料|出典|文書|参考|注|source\s)?\s?\d{1,3}"
# 【1】, （資料1）, [1, 2], [^1], 〔出典2〕; plain numbers in round brackets are items.
_WRITTEN = re.compile(
    rf"[\[［【〔]\s?{_N}(?:\s?[,、，・;]\s?{_N})*\s?[\]］】〕]"
    r"|[(（]\s?(?:資料|出典|source\s)\s?\d{1,3}(?:\s?[,、，・]\s?(?:資料|出典)?\s?\d{1,3})*\s?[)）]",
    re.IGNORECASE,
)
_RAISED = re.compile("(?<![A-Za-z0-9])[¹²³⁴-⁹]")
_BEHIND_END = re.compile(r"([。！？!?])((?:\s*\[\d{1,3}\])+)")
_ORNAMENT = re.compile(r"^\s*#{1,6}\s+|\*\*|__|^```.*$")
# A line that only names its sources.
_ONLY_MARKS = re.compile(
    r"\s*(?:(?:出典|参考|参照|根拠)(?:資料|文書|元)?\s?[:：]?)?\s*(?:[、,]?\s*\[\d{1,3}\])+\s*。?\s*"
)
_RULE = re.compile(r"[\s|:\-]+")


@dataclass(frozen=True, slots=True)
class SupportingQuote:
    """Words said to stand, letter for letter, in one of the `passages`, counted from 1."""

    words: str
    passages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CitedStatement:
    """A sentence, or the part of one up to its marks: `text` is normalised and without marks, `cited` their numbers.

    `items` is how many list items follow a sentence that leads a list, or how many parts marks make of it, else 0;
    `listed` is true of an item. `quotes` are words of its sources that are said to carry it, `formula` how it reckons
    (3件 + 4件 = 7件), where they are given.
    """

    text: str
    cited: tuple[int, ...] = ()
    items: int = 0
    listed: bool = False
    quotes: tuple[SupportingQuote, ...] = ()
    formula: str = ""


def normalise_marks(text: str) -> str:
    """Return `text` with every mark of citation written `[n]`, before the full stop, and without Markdown ornaments."""
    text = _WRITTEN.sub(lambda m: "".join(f"[{int(n)}]" for n in re.findall(r"\d+", m[0])), text)
    text = _RAISED.sub(lambda m: f"[{unicodedata.digit(m[0])}]", text)
    return _BEHIND_END.sub(r"\2\1", "\n".join(_ORNAMENT.sub("", line) for line in text.split("\n")))


def split_statements(text: str) -> list[CitedStatement]:
    """Return what `text` states, in order.

    A list's lead and its items lend each other the marks they lack, a sentence those of the next in its paragraph, and
    a closing line of marks is for all that have none.
    """
    lines = normalise_marks(text).splitlines()
    closing = [read_marks(line) for line in lines if _ONLY_MARKS.fullmatch(line)]
    lines = list(_rows([line for line in lines if line.strip() and not _ONLY_MARKS.fullmatch(line)]))
    said = [statement for block in _blocks(lines) for statement in _fill_marks_in_block(block)]
    marked = tuple(n for numbers in closing for n in numbers)
    return [replace(one, cited=one.cited or marked) for one in said] if marked else said


def _rows(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines; of a Markdown table each row as an item, with its columns' heads."""
    heads: list[str] = []
    for line in lines:
        if not line.lstrip().startswith("|"):
            heads = []
            yield line
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not _RULE.fullmatch(line) and heads:
            named = (f"{head}:{cell}" if head else cell for head, cell in zip(heads, cells, strict=False) if cell)
            yield "・" + "、".join(named)
        heads = heads or cells


def _blocks(lines: Sequence[str]) -> list[list[list[CitedStatement]]]:
    """Return the lines' statements, each ordinary line together with the list items that follow it."""
    blocks: list[list[list[CitedStatement]]] = []
    for line in lines:
        bullet = ITEM_MARK.match(line)
        content = normalise_figures(line[bullet.end() :] if bullet else line)
        said = _fill_marks_in_line([part for sentence in sentences(content) for part in _parts(sentence)])
        if bullet and blocks:
            blocks[-1].append(said)
        elif said:
            blocks.append([said])
    return blocks


def _fill_marks_in_line(said: Sequence[CitedStatement]) -> list[CitedStatement]:
    """Return the statements of a line; one without marks has those of the next that has any."""
    lent: list[CitedStatement] = []
    later: tuple[int, ...] = ()
    for statement in reversed(said):
        later = statement.cited or later
        lent.append(replace(statement, cited=later))
    return lent[::-1]


def _fill_marks_in_block(block: list[list[CitedStatement]]) -> list[CitedStatement]:
    """Return one block's statements: the lead (the last sentence before the items) counts its items."""
    (*before, lead), *items = block
    of_items = dict.fromkeys(n for item in items for statement in item for n in statement.cited)
    return [
        *before,
        replace(lead, items=len(items) or lead.items, cited=lead.cited or tuple(of_items)),
        *(replace(statement, cited=statement.cited or lead.cited, listed=True) for item in items for statement in item),
    ]


def _parts(sentence: str) -> list[CitedStatement]:
    """Cut a sentence after each group of marks; what follows the last group belongs to it."""
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
