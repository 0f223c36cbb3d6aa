"""Classifies short separate lines: titles, contacts and facts."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.blocks.headings import LONGEST_LABEL, LONGEST_MEMBER
from ingest.blocks.line_joining import LEADER_PAIR, is_key_value
from ingest.blocks.line_marks import REACHED_BY, is_predicate, level_of
from ingest.blocks.model import Block
from ingest.japanese.markers import MARKS
from ingest.japanese.sentences import ends_sentence

_MEMBER = re.compile(rf"^(?!図|表|写真|資料|別紙|注|P|No)(\D{{1,{LONGEST_MEMBER}}}?)\s?(\d{{1,2}})$")

# ○, ◎, ☆ and ★ mark list items more often than sections, unless other marks open sections too.
_LIST_MARKS = "○◎☆★"
_NAMES_BELOW = re.compile(r"[^。、]{1,20}[:：]")
_VALUE = "value"
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


def series_to_headings(blocks: Sequence[Block]) -> list[Block]:
    """Turn the labels of a numbered series (Stage 1, Stage 2 …) into headings."""
    matches = {i: m for i, b in enumerate(blocks) if b.kind == "label" and (m := _MEMBER.match(b.text))}
    last = {m[1]: i for i, m in matches.items()}
    members = {name: {int(m[2]) for m in matches.values() if m[1] == name} for name in last}
    return [
        replace(b, kind="heading", style="series end" if last[matches[i][1]] == i else "series")
        if i in matches and len(numbers := members[matches[i][1]]) > 1 and min(numbers) <= 1
        else b
        for i, b in enumerate(blocks)
    ]


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


def attach_contacts(blocks: Sequence[Block]) -> list[Block]:
    """Append 【電話】 and other contact lines to the office named above."""
    result: list[Block] = []
    for b in blocks:
        last = result[-1] if result else None
        if last and b.kind == "text" and REACHED_BY.match(b.text) and _names_office(last, b):
            result[-1] = replace(last, text=f"{last.text}{b.text}", lines=(*last.lines, *b.lines))
        else:
            result.append(b)
    return result


def _names_office(last: Block, reached: Block) -> bool:
    if last.lines[-1] + 1 != reached.lines[0] or last.page != reached.page or last.kind not in {"text", "item"}:
        return False
    return is_key_value(last.text) or bool(REACHED_BY.search(last.text))


def values_below_to_items(blocks: Sequence[Block]) -> list[Block]:
    """Turn the lines below a name without a value (問い合わせ先：) into its items."""
    result: list[Block] = []
    for b in blocks:
        last = result[-1] if result else None
        below = last is not None and last.lines[-1] + 1 == b.lines[0] and last.page == b.page
        is_below_name = last is not None and last.kind == "text" and _NAMES_BELOW.fullmatch(last.text)
        is_next = last is not None and last.kind == "item" and last.style == _VALUE
        is_value = (
            b.kind == "text" and (LEADER_PAIR.match(b.text) or REACHED_BY.search(b.text)) and not is_key_value(b.text)
        )
        result.append(replace(b, kind="item", style=_VALUE) if below and (is_below_name or is_next) and is_value else b)
    return [replace(b, style="") if b.kind == "item" and b.style == _VALUE else b for b in result]


def facts_to_items(blocks: Sequence[Block]) -> list[Block]:
    """Turn two or more `key value` lines in a row (発行 …, 編集 …) into items."""
    alike = [b.kind in {"label", "text"} and "\n" not in b.text and _is_fact(b.text) for b in blocks]
    return [
        replace(b, kind="item", style="")
        if alike[i] and ((i > 0 and alike[i - 1]) or (i + 1 < len(blocks) and alike[i + 1]))
        else b
        for i, b in enumerate(blocks)
    ]


def _is_fact(text: str) -> bool:
    return is_key_value(text) and not re.match(r"^(?:[\d.(（第]|図|表|写真)", text)


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
