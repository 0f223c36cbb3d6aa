"""Lines to blocks: which line is a heading, a label, an item, a table row, a note, and which only repeats.

Municipal papers come as slides and plans turned into text. What is used here are properties of such documents:
numbered headings, marks that open an item, a line that stands alone, tabs between cells, ※ before a note.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from ingest.documents import Line
from ingest.tokenise import morphemes

BlockKind = Literal["heading", "label", "lead", "item", "text", "table", "note", "dropped"]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document. `rank` orders headings (1 is outermost; None nests by first appearance of `style`).

    A table has `rows` (the header first), each with its source line; a dropped block has the reason in `style`.
    """

    kind: BlockKind
    text: str
    lines: tuple[int, ...]
    page: int | None = None
    style: str = ""
    rank: int | None = None
    rows: tuple[tuple[int, tuple[str, ...]], ...] = ()


_HEADINGS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("#", re.compile(r"^(#{1,6})\s+\S")),
    ("章", re.compile(r"^第[\d〇一二三四五六七八九十]+[編部章]")),
    ("節", re.compile(r"^第[\d〇一二三四五六七八九十]+節")),
    ("条", re.compile(r"^第[\d〇一二三四五六七八九十]+条")),
    ("1.1", re.compile(r"^\d{1,2}(?:[.-]\d{1,2})+\.?[\s ]+\S")),
    ("1", re.compile(r"^\d{1,2}[.]?[\s ]+\S")),
    ("(1)", re.compile(r"^[((]\d{1,2}[))]\s*\S|^[①-⑳]\s*\S")),
    ("【】", re.compile(r"^【[^】]{1,20}】")),
)
_LEAD = re.compile(r"^(?:[-*]\s+)?(?:[◎○●■□◇▼▶]\s*\S|\*\*[^*]+\*\*$)")
_ITEM = re.compile(r"^(?P<indent>\s*)(?:[-*+]\s+)?(?:[・✓✔◆➢→]\s*|(?<=[-*+] )|\d{1,2}[.)]\s+|[ア-ン][.)]?\s+)(?=\S)")
_NOTE = re.compile(r"^(?:※|\*\s?\d|注[\d:)]|\(注)")
_SENTENCE_END = re.compile(r"[。!?！？][」』)）]*$")
_KEY_VALUE = re.compile(r"^[^\s、。・:：]{2,10}[\s 　]+\S")
# A line that stands alone and is longer than this is prose, not a heading or label (longest in both sources: 37).
LONGEST_LABEL = 45


def find_blocks(lines: list[Line]) -> list[Block]:
    """Return the blocks of a document in order; every non-blank line is in exactly one of them."""
    dropped = _page_edges(lines)
    paragraphs = _paragraphs([line for line in lines if id(line) not in dropped])
    blocks = [
        Block("dropped", line.text, (line.number,), line.page, "ページごとに繰り返す見出し")
        for line in lines
        if id(line) in dropped
    ]
    explicit = any(line.text.startswith("#") for line in lines)
    for paragraph in paragraphs:
        blocks += _classify(paragraph, explicit=explicit)
    blocks.sort(key=lambda b: b.lines[0])
    return _key_values(_series(_rejoin(blocks)))


def _page_edges(lines: list[Line]) -> set[int]:
    """Return the ids of first and last lines of pages that come back, page numbers aside, on half the pages or more."""
    pages: dict[int, list[Line]] = {}
    for line in lines:
        if line.page is not None and line.text.strip():
            pages.setdefault(line.page, []).append(line)
    edges = [line for page in pages.values() for line in {id(x): x for x in (page[0], page[-1])}.values()]
    counts = Counter(_masked(line.text) for line in edges)
    return {id(line) for line in edges if len(pages) >= 3 and counts[_masked(line.text)] * 2 >= len(pages)}


def _masked(text: str) -> str:
    return re.sub(r"\d+", "0", text.strip())


def _paragraphs(lines: list[Line]) -> list[list[Line]]:
    """Group lines that follow each other without a blank line, on one page."""
    groups: list[list[Line]] = [[]]
    for line in lines:
        if not line.text.strip():
            groups.append([])
            continue
        if groups[-1] and groups[-1][-1].page != line.page:
            groups.append([])
        groups[-1].append(line)
    return [group for group in groups if group]


def _classify(group: list[Line], *, explicit: bool) -> list[Block]:
    """Return the blocks of one paragraph; with `explicit` Markdown headings in the document no label is guessed."""
    if _is_contents(group):
        return [_block("dropped", group, style="目次")]
    if table := _table(group):
        return table
    if len(group) == 1 and (heading := _heading(group[0], alone=True)):
        return [heading]
    blocks: list[Block] = []
    for line in group:
        kind = _line_kind(line)
        joins = kind == "text" and blocks and _continues(blocks[-1], line.text)
        if kind == "heading" and (heading := _heading(line, alone=False)):
            blocks.append(heading)
        elif joins:
            last = blocks.pop()
            text = join(last.text, line.text.strip())
            blocks.append(Block(last.kind, text, (*last.lines, line.number), last.page, last.style))
        else:
            blocks.append(_block("text" if kind == "heading" else kind, [line]))
    if not explicit and len(blocks) == 1 and _is_label(blocks[0]):
        return [Block("label", blocks[0].text, blocks[0].lines, blocks[0].page)]
    return blocks


def _block(kind: BlockKind, group: list[Line], style: str = "") -> Block:
    text = "\n".join(_bare(line.text, kind) for line in group)
    if kind == "item":
        style = "  " if _ITEM.match(group[0].text)["indent"] else ""  # type: ignore[index]
    return Block(kind, text, tuple(line.number for line in group), group[0].page, style)


def _bare(text: str, kind: BlockKind) -> str:
    """Return the text of a line without the marks that only say what kind of line it is."""
    if kind == "item":
        text = _ITEM.sub("", text, count=1)
    if kind == "lead":
        text = re.sub(r"^[-*]\s+", "", text)
    return re.sub(r"\*\*(.+?)\*\*", r"\1", text).replace("\t", " ").strip()


def _line_kind(line: Line) -> BlockKind:
    text = line.text.strip()
    if _NOTE.match(text):
        return "note"
    if _LEAD.match(text):
        return "lead"
    if text.startswith("#") or _HEADINGS[-1][1].match(text):
        return "heading"
    if _ITEM.match(line.text):
        return "item"
    return "text"


def _heading(line: Line, *, alone: bool) -> Block | None:
    """Return the heading that `line` is, if it is one; numbers open a heading only where the line stands alone."""
    text = line.text.strip()
    style = next((name for name, pattern in _HEADINGS if pattern.match(text)), None)
    if style is None or (not alone and style not in "#【】") or _SENTENCE_END.search(text):
        return None
    if len(text) > LONGEST_LABEL * 2 or "\t" in text:
        return None
    rank = {"章": 1, "節": 2, "条": 3, "1": 1}.get(style)
    if style == "#":
        rank = len(text) - len(text.lstrip("#"))
        text = text.strip("# ").strip()
        style = f"#{rank}"
    elif style == "1.1":
        rank = len(re.findall(r"\d+", re.split(r"[\s ]", text)[0]))
        style = f"1.{rank}"
    return Block("heading", _bare(text, "heading"), (line.number,), line.page, style, rank)


def _is_contents(group: list[Line]) -> bool:
    """Whether the paragraph is a table of contents: most lines are headings that end in a page number."""
    entry = re.compile(r"^\S.*?(?:\t|[ 　.・…]{2,}|\s)\s*\d{1,3}$")
    numbered = [line for line in group if any(p.match(line.text.strip()) for _, p in _HEADINGS)]
    return (
        len(group) >= 3
        and len(numbered) * 2 > len(group)
        and sum(bool(entry.match(line.text.strip())) for line in group) * 2 > len(group)
    )


def _cells(text: str) -> tuple[str, ...]:
    if text.strip().startswith("|"):
        inner = text.strip().strip("|")
        return tuple(_bare(cell.replace("\\|", "|"), "table") for cell in re.split(r"(?<!\\)\|", inner))
    return tuple(_bare(cell, "table") for cell in text.rstrip("\n").split("\t"))


def _table(group: list[Line]) -> list[Block]:
    """Return [title label, table, notes] where the paragraph holds rows of cells (tabs or Markdown), else []."""
    is_row = [("\t" in line.text.strip()) or line.text.strip().startswith("|") for line in group]
    if sum(is_row) < 2:
        return []
    first = is_row.index(True)
    last = len(group) - 1 - is_row[::-1].index(True)
    rows: list[tuple[int, tuple[str, ...]]] = []
    lines = []
    for line, row in zip(group[first : last + 1], is_row[first : last + 1], strict=True):
        lines.append(line.number)
        if not row:  # a cell that was broken over two lines
            number, cells = rows[-1]
            rows[-1] = (number, (*cells[:-1], join(cells[-1], line.text.strip())))
        elif not re.fullmatch(r"[|\s:-]+", line.text.strip()):
            rows.append((line.number, _cells(line.text)))
    table = Block("table", "", tuple(lines), group[0].page, rows=tuple(rows))
    before = [_block("label", [line]) for line in group[:first]]
    after = [
        _block(_line_kind(line) if _line_kind(line) != "heading" else "text", [line]) for line in group[last + 1 :]
    ]
    return [*before, table, *after]


def _continues(block: Block, text: str) -> bool:
    """Whether a line goes on where `block` was broken off: no sentence ended, and it is no new `key value` line."""
    if block.kind not in {"text", "item", "note", "lead"} or _SENTENCE_END.search(block.text):
        return False
    return not (_KEY_VALUE.match(text) and _KEY_VALUE.match(block.text.split("\n")[-1]) and len(text) <= LONGEST_LABEL)


def join(left: str, right: str) -> str:
    """Join the halves of a broken line: Japanese without a space, Latin words with one."""
    latin = re.compile(r"[A-Za-z0-9]")
    return left + (" " if left and right and latin.match(left[-1]) and latin.match(right[0]) else "") + right


def _is_label(block: Block) -> bool:
    """Whether a block that stands alone is a title or the text of a figure rather than a sentence."""
    text = block.text
    if block.kind != "text" or len(text) > LONGEST_LABEL or text.endswith("、") or _SENTENCE_END.search(text):
        return False
    return not _is_predicate(text)


def _is_predicate(text: str) -> bool:
    """Whether the text ends as a sentence does: in a verb, or in a noun of action with its object (施策を推進)."""
    ms = [m for m in morphemes(re.sub(r"[((][^()()]*[))]$", "", text)) if m.pos[0] not in {"補助記号", "空白"}]
    if not ms:
        return False
    takes_object = any(m.surface == "を" and m.pos[0] == "助詞" for m in ms)
    return ms[-1].pos[0] in {"動詞", "助動詞", "形容詞"} or (takes_object and "サ変可能" in ms[-1].pos)


def _rejoin(blocks: list[Block]) -> list[Block]:
    """Join a sentence that blank lines tore apart: it stops at 、 or goes on with a particle."""
    joined: list[Block] = []
    for block in blocks:
        last = joined[-1] if joined else None
        if last and {last.kind, block.kind} <= {"text", "label"} and last.page == block.page and _torn(last, block):
            joined[-1] = Block("text", join(last.text, block.text), last.lines + block.lines, last.page)
        else:
            joined.append(block)
    return joined


def _torn(left: Block, right: Block) -> bool:
    if left.text.endswith("、"):
        return True
    return not _SENTENCE_END.search(left.text) and morphemes(right.text)[0].pos[0] == "助詞"


def _series(blocks: list[Block]) -> list[Block]:
    """Turn labels of a numbered series (Stage 1, Stage 2 …) into headings; all up to the next member is under each."""
    pattern = re.compile(r"^(\D{1,12}?)\s?(\d{1,2})$")
    matches = {i: m for i, b in enumerate(blocks) if b.kind == "label" and (m := pattern.match(b.text))}
    last = {m[1]: i for i, m in matches.items()}
    members = {name: {m[2] for m in matches.values() if m[1] == name} for name in last}
    return [
        Block("heading", b.text, b.lines, b.page, "series end" if last[matches[i][1]] == i else "series")
        if i in matches and len(members[matches[i][1]]) > 1
        else b
        for i, b in enumerate(blocks)
    ]


def _key_values(blocks: list[Block]) -> list[Block]:
    """Turn two or more `key value` lines in a row (発行 …, 編集 …) into items."""
    alike = [b.kind in {"label", "text"} and "\n" not in b.text and _is_key_value(b.text) for b in blocks]
    return [
        Block("item", b.text, b.lines, b.page)
        if alike[i] and ((i > 0 and alike[i - 1]) or (i + 1 < len(blocks) and alike[i + 1]))
        else b
        for i, b in enumerate(blocks)
    ]


def _is_key_value(text: str) -> bool:
    return bool(_KEY_VALUE.match(text)) and len(text) <= LONGEST_LABEL and not re.match(r"^[\d.(第]", text)
