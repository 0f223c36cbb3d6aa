"""Detects headings, their numbering style and rank, and short separate lines that are titles.

Ranks follow the order of numbering in Japanese official documents: 編 章 節 款 条, 第1, 1, 1.1, (1), ①, ア, (ア), (a),
with gaps for styles that nest where they first appear (【】, <>, ①, Q).
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

from ingest.blocks.line_marks import REACHED_BY, is_complete_line, level_of, strip_line_mark
from ingest.blocks.speakers import find_speaker, is_speaker_alone
from ingest.documents import Block, Line
from ingest.japanese import nfkc, quantities
from ingest.japanese.markers import MARKS
from ingest.japanese.notation import COUNT
from ingest.japanese.sentences import ends_sentence
from ingest.japanese.tokenise import morphemes

_AGENDA = "(?:議題|議案|議事|案件|日程|(?:報告|協議|審議|検討)(?:事項)?)"
_STYLES: tuple[tuple[str, int | None, re.Pattern[str]], ...] = tuple(
    (style, rank, re.compile(pattern))
    for style, rank, pattern in (
        ("#", None, r"#{1,6}\s+\S"),
        ("編", 100, rf"第\s?{COUNT}\s?[編部](?!門)"),
        ("Ⅰ", 150, r"[Ⅰ-Ⅻ]+[.．、\s]*[^\s.．、]"),
        ("章", 200, rf"第\s?{COUNT}\s?章|附\s?則$|別[表紙]\s?(?:第?\d+)?$|様式第?\d*号?$"),
        ("節", 300, rf"第\s?{COUNT}\s?節"),
        ("款", 350, rf"第\s?{COUNT}\s?款"),
        ("条", 400, rf"第\s?{COUNT}\s?条"),
        ("第1", 450, rf"第{COUNT}\s+\S"),
        ("1.1", 500, r"\d{1,2}(?:[.-]\d{1,2})+(?:\.\s*|\s+)[^\s\d]"),
        ("1", 500, r"\d{1,2}(?:[.、]\s*|\s+)[^\s\d.~]"),
        ("議題1", 550, rf"(?:[○◎●■□◇◆△▲〇]\s?)?{_AGENDA}\s?(?:第?\d{{1,2}}号?[\s:.、]+|\(\d{{1,2}}\)\s*)\S"),
        ("①", None, r"[①-⑳]\s*\S"),
        ("(1)", 600, r"\(\d{1,2}\)\s*[^\s(、,・~…:]"),  # (1)(2)無料 and (1)～(3)… refer to items
        ("(ア)", 800, r"\([ア-ン]\)\s*\S"),
        ("(a)", 900, r"(?:[(（][a-zａ-ｚ][)）]|[⒜-⒵])\s*[^\s(（、,，・~～…:：=はのがをに\d]"),  # (a)は…, (c)2025 …
        ("ア", 700, r"[ア-ン](?:[.]\s*|\s+)\S"),
        ("Q", None, r"(?:Q|問)\s?\d*\s?[.:、\s]\s*\S"),
        ("【】", None, r"【[^】]{1,20}】|【[^】]{1,45}】$"),
        ("<>", None, r"<(?!単位|資料|出典|注|目次|続き|[表図]\d)(?=[^<>]*[ぁ-龥])[^<>:=/]{2,45}>$"),
    )
)
# Styles whose marks are lost in the normal form.
_NOT_NORMALISED_STYLES = frozenset({"①", "Ⅰ", "(a)"})
# Characters; a longer separate line is prose (the longest heading in the sources has 37).
LONGEST_LABEL = 45
# Endings of complete lines, although they are particles: 1 計画(案)について.
_TOPIC_ENDING = re.compile(r"(?:について|に関して|に向けて|に係る件|の件)$")
# A number is followed by a mark or space: 1.3. 期間, 2 場所, but 2025年度.
_DAY = re.compile(r"\d{1,2}\s?月\s?\d{1,2}\s?日")


def heading(line: Line) -> Block | None:
    """Return the heading that a separate line is, or None."""
    text = line.text.strip()
    normal = nfkc(text)
    matching = (
        (style, rank)
        for style, rank, pattern in _STYLES
        if pattern.match(text if style in _NOT_NORMALISED_STYLES else normal)
    )
    style, rank = next(matching, ("", None))
    if not style:
        return None
    if style == "#":  # a # marks a heading even of a whole sentence: 住民票はどこで取れますか。
        level = len(text) - len(text.lstrip("#"))
        title = strip_line_mark(text.strip("# ").strip(), "heading")
        return Block("heading", title, (line.number,), line.page, f"#{level}", level * 10)
    if len(text) > LONGEST_LABEL * 2 or "\t" in text:
        return None
    is_amount = _DAY.match(normal) or any(q.start == 0 and q.end == len(normal) for q in quantities(normal))
    if (ends_sentence(text) and style != "Q") or is_amount or REACHED_BY.match(normal) or find_speaker(text):
        return None
    if style == "1.1":
        depth = len(re.findall(r"\d+", re.split(r"[^\d.-]", normal)[0]))
        rank = (rank or 0) + 10 * (depth - 1)
        style = f"1.{depth}"
    return Block("heading", strip_line_mark(text, "heading"), (line.number,), line.page, style, rank)


def number_of(block: Block) -> int | None:
    """Return the last number of a numbered heading: 3 for 1.3. and ③; None without one."""
    opening = re.match(rf"^[○◎●■□◇◆△▲〇]?\s?{_AGENDA}?\s?第?\(?(?:\d{{1,2}}[.-])*(\d{{1,2}})", nfkc(block.text))
    return int(opening[1]) if opening else None


def paragraph_headings(group: Sequence[Line]) -> dict[int, Block]:
    """Return the headings among the lines of one paragraph, by position.

    A numbered line is a heading if it is complete, the line before has ended, and sentences, deeper numbers or a body
    like its neighbours' follow; consecutive numbered lines are a list.
    """
    below = [line.text.strip() for line in group[1:]] + [""]
    headings = {
        i: block
        for i, line in enumerate(group)
        if (block := heading(line))
        and not (below[i] and is_speaker_alone(line.text.strip()))  # 【会長】 above a speech is a speaker
    }
    if len(group) == 1:
        return headings
    series = {style: _Series.of(style, headings, len(group)) for style in {block.style for block in headings.values()}}
    return {
        i: block
        for i, block in headings.items()
        if block.style[0] in "#Q" or _opens(group, i, headings, series[block.style])
    }


@dataclass(frozen=True, slots=True)
class _Series:
    places: list[int]
    with_body: frozenset[int]
    titles: bool

    @classmethod
    def of(cls, style: str, headings: Mapping[int, Block], lines: int) -> Self:
        places = [i for i, block in headings.items() if block.style == style]
        positions = frozenset(places)
        before_body = (i for i in places if i + 1 < lines and i + 1 not in positions)
        texts = {i: headings[i].text for i in before_body}
        with_body = frozenset(i for i, text in texts.items() if is_complete_line(text) or _TOPIC_ENDING.search(text))
        have_all_bodies = len(places) > 1 and len(with_body) == len(places)
        return cls(places, with_body, have_all_bodies and _counts_up([headings[i] for i in places]))


def _opens(group: Sequence[Line], position: int, headings: Mapping[int, Block], series: _Series) -> bool:
    previous = headings.get(position - 1)
    current = headings[position]
    if previous and previous.style == current.style and _counts_up([previous, current]):  # the last item of a list
        return False
    if position not in series.with_body:
        return False
    if series.titles:
        return True
    if position and position - 1 not in headings and not ends_sentence(group[position - 1].text.strip()):
        return False
    following = bisect_right(series.places, position)
    end = series.places[following] if following < len(series.places) else len(group)
    return position + 1 in headings or any(ends_sentence(line.text.strip()) for line in group[position + 1 : end])


def _counts_up(blocks: Sequence[Block]) -> bool:
    numbers = [number_of(block) for block in blocks]
    return all(a is not None and b == a + 1 for a, b in pairwise(numbers))


# ○, ◎, ☆ and ★ mark list items more often than sections, unless other marks open sections too.
# A member of a series: Stage 1.
_MEMBER = re.compile(r"^(?!図|表|写真|資料|別紙|注|P|No)(\D{1,12}?)\s?(\d{1,2})$")
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
    without_brackets = re.sub(r"[(（][^()（）]*[)）]$", "", text)
    words = [word for word in morphemes(without_brackets) if word.pos[0] not in {"補助記号", "空白"}]
    if not words:
        return True
    # Like a sentence, it may end in a verb, or a noun of action with its object (施策を推進).
    takes_object = any(word.surface == "を" and word.pos[0] == "助詞" for word in words)
    is_action = takes_object and "サ変可能" in words[-1].pos
    return not (is_action or words[-1].pos[0] in {"動詞", "助動詞", "形容詞"})


def series_to_headings(blocks: Sequence[Block]) -> list[Block]:
    """Turn the labels of a numbered series (Stage 1, Stage 2) into headings."""
    matches = {i: m for i, b in enumerate(blocks) if b.kind == "label" and (m := _MEMBER.match(b.text))}
    last = {m[1]: i for i, m in matches.items()}
    numbers = {name: {int(m[2]) for m in matches.values() if m[1] == name} for name in last}
    return [
        replace(b, kind="heading", style="series end" if last[name] == i else "series")
        if i in matches and len(numbers[name := matches[i][1]]) > 1 and min(numbers[name]) <= 1
        else b
        for i, b in enumerate(blocks)
    ]


def marked_headings(blocks: Sequence[Block]) -> list[Block]:
    """Turn a marked line into a heading if other content follows: ■ 受付の時間."""
    titles = set[int]()
    for i, (block, below) in enumerate(pairwise(blocks)):
        mark = block.text[:1]
        is_title = block.kind == "lead" and mark in MARKS and len(block.text) <= _MAX_MARKED_LENGTH
        opens_other = (below.kind == "heading" and below.style != "<>") or below.text[:1] == mark
        if is_title and "。" not in block.text and not opens_other:
            titles.add(i)
    if all(blocks[i].text[0] in _LIST_MARKS for i in titles):
        return list(blocks)
    alone = {i for i in titles if i + 1 in titles and level_of(blocks[i + 1].text[0]) <= level_of(blocks[i].text[0])}
    return [replace(b, kind="heading", style=b.text[0]) if i in titles - alone else b for i, b in enumerate(blocks)]


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
