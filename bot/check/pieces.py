"""A passage cut to pieces, each with what it is about: a cell of a row, a sentence, an item under its lead."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import takewhile

from bot.check.claims import figures
from bot.check.figure import Figure
from bot.check.names import squash
from bot.guard.orders import without_orders
from ingest.documents import Passage
from ingest.normalise import DateMention, dates, nfkc
from ingest.sentences import written_sentences
from ingest.tokenise import morphemes

_ITEM = re.compile(r"\s*[・•●○◎✓-]\s*")
# One sentence that says two things of two subjects: 「戦略は2021-2022、プランは2023-2025」.
# And one that names several things, each with its own: 「A(2024年2月策定)と、B(2024年3月策定)」.
_GLOSS = re.compile(r"\([^()]*\d[^()\d]+\)")
_GLOSSED = re.compile(_GLOSS.pattern + "(?:と|や|及び|および)?$")
_TOPIC = re.compile(r"は(?![、,]?$)")
_TOPIC_OF_ALL = re.compile(r"^[^、。]{1,40}は、?")
# What tells one thing in a row from the next, right before its figure: 子どもが, 第2子.
_LABEL = re.compile(r"[^\s\d]{2,}(?:が|は|に|の|:|\()?$|\d[^\d]{1,6}$")
# Nouns of grammar and of measuring, which tell no subject from another.
_NO_SUBJECT_TEXT = """
目標 目安 目 安値 実績 値 現状 基準 達成 状況 結果 計画 予定 比較 比 対 度 数 件数
人数 回数 枚数 台数 本数 日数 総数 割合 率 累計 合計 全体 見込み 件 人 年 月 日 年度
年間 時点 以上 以下 未満 以内 増加 減少 増 減 約 次 際 点 上 中 下 内 間 他 ほか
こと もの とおり それぞれ 資料 市
"""
_NO_SUBJECT = frozenset(_NO_SUBJECT_TEXT.split())


@dataclass(frozen=True, slots=True)
class Piece:
    """`text` is normalised; `own` are its nouns, `about` those that stand over it too (headings, title, lead).

    `over` is what stands over it and, in its line, before it, squashed.
    """

    text: str
    own: frozenset[str]
    about: frozenset[str]
    figures: tuple[Figure, ...]
    dates: tuple[DateMention, ...]
    squashed: str
    over: str = ""


def pieces(passage: Passage, title: str) -> Iterator[Piece]:
    """Yield the pieces of `passage`, in order; what reads as an order to the machine is none."""
    heads = nfkc(" ".join([title, *passage.path]))
    over = subject_words(heads)
    row = ""
    if passage.cells:
        yield from _cells(passage, over)
        rest, row = "\n".join(passage.notes), nfkc(passage.cells[0].value)
    else:
        rest = passage.text
    for text, lead, before, shared in _sentences(without_orders(nfkc(rest))):  # a note is told of its row
        piece = _piece(text, over | subject_words(lead), f"{row} {shared} {text}")
        told = squash(f"{heads} {row} {lead} {before} {shared}")
        yield replace(piece, dates=(*piece.dates, *dates(shared)), over=told)


@lru_cache(maxsize=8192)
def subject_words(text: str) -> frozenset[str]:
    """Return the nouns of normalised `text` that can tell one subject from another."""
    covered = [(d.start, d.end) for d in dates(text)]
    return frozenset(
        m.normal.lower()
        for m in morphemes(text)
        if m.is_noun
        and m.pos[1] != "数詞"
        and m.pos[2] != "助数詞"
        and m.normal not in _NO_SUBJECT
        and not m.surface.isdigit()
        and not any(start <= m.start < end for start, end in covered)
    )


def _cells(passage: Passage, over: frozenset[str]) -> Iterator[Piece]:
    """Yield a piece for each cell: its own words, and those of the cells without a figure, which name the row.

    What stands under a date is told of that date, and names no row.
    """
    texts = [(nfkc(cell.column), nfkc(cell.value)) for cell in passage.cells]
    over |= subject_words(texts[0][0]) if texts else frozenset()  # what the names of the rows are names of
    naming = (value for n, (column, value) in enumerate(texts) if n == 0 or not (figures(value) or dates(column)))
    row = " ".join(naming)
    for n, (column, value) in enumerate(texts):
        if n and value == without_orders(value) != "":
            piece = _piece(f"{column}: {value}", over, f"{row} {column} {value}")
            yield replace(piece, dates=(*piece.dates, *dates(texts[0][1])), over=squash(row))
    if texts:
        yield _piece(texts[0][1], over, row)


def _sentences(text: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield each sentence with what it goes with, what stands before it in its line, and what its clauses share.

    An item goes with its lead, a lead with its items, others with nothing.
    """
    lead, lines = "", text.splitlines()
    for n, line in enumerate(lines):
        items = list(takewhile(_ITEM.match, lines[n + 1 :]))
        item = _ITEM.match(line)
        start = item.end() if item else 0
        for sentence in written_sentences(line[start:]):
            for clause, shared in _clauses(sentence):
                yield clause, lead if item else " ".join(items), line[:start], shared
            start += len(sentence)
        if not item:
            lead = line


def _clauses(sentence: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a sentence that tell each of its own, and what they share.

    It is cut at commas that have a subject and a claim, or (a claim), on either side, and where things in a row are
    given theirs in one manner: 料金は大人が500円、子どもが300円です.
    """
    if alike := _alike(sentence):
        yield from alike
        return
    start = 0
    for comma in re.finditer("[、,]", sentence):
        before, behind = sentence[start : comma.start()], sentence[comma.end() :]
        if all(_tells(part) for part in (before, behind)) or (_GLOSSED.search(before) and _GLOSS.search(behind)):
            yield before, ""
            start = comma.end()
    yield sentence[start:], ""


def _alike(sentence: str) -> list[tuple[str, str]]:
    """Return the parts of a sentence that gives things in a row a figure of one unit each; none where it does not."""
    parts = re.split("(?<!は)、", sentence)
    ends = [figures(part)[-1:] for part in parts]
    heads = [part[: end[0].start] if end else "" for part, end in zip(parts, ends, strict=True)]
    same = len(parts) > 1 and all(ends) and len({end[0].unit for end in ends}) == 1 and bool(ends[0][0].unit)
    plain = same and all(len(part) == end[0].end for part, end in zip(parts[:-1], ends[:-1], strict=True))
    single = same and all(len([f for f in figures(part) if f.unit == ends[0][0].unit]) == 1 for part in parts)
    labelled = all(re.search(_LABEL, _TOPIC_OF_ALL.sub("", head)) for head in heads)
    if not (plain and single and labelled) or any(_TOPIC.search(part) for part in parts[1:]):
        return []
    topic = _TOPIC_OF_ALL.match(parts[0])
    shared = f"{topic[0] if topic else ''} {parts[-1][ends[-1][0].end :]}"
    return [(part, shared) for part in parts]


def _tells(part: str) -> bool:
    return bool(_TOPIC.search(part)) and bool(figures(part) or dates(part))


def _piece(text: str, over: frozenset[str], words_of: str) -> Piece:
    own = subject_words(words_of)
    return Piece(text, own, own | over, tuple(figures(text)), tuple(dates(text)), squash(text))
