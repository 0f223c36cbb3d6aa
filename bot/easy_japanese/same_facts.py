"""Compares the figures, dates, names, citations and negations of two texts."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from bot.rendering.answer_text import render_text
from bot.state import Paragraph, Statement
from bot.verification import names
from ingest.japanese import dates
from ingest.japanese.contacts import contacts
from ingest.japanese.dates import days_without_year
from ingest.japanese.figures import figures
from ingest.japanese.normal_forms import fold_normalised, nfkc

_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_NEGATION = re.compile(r"ません|(?<![少])な(?:い|かった|く)|ず(?=[、に])|いいえ")


def find_fact_differences(standard: Iterable[Statement], easy: Iterable[Statement]) -> list[str]:
    """Return the differences in facts between two texts, in Japanese; empty where they state the same.

    Figures, dates and digits must occur equally often, and each name in both texts. Width does not matter.
    """
    before, after = tuple(standard), tuple(easy)
    standard_text, easy_text = (
        nfkc(render_text([Paragraph(statements)], marks=False)) for statements in (before, after)
    )
    differences = [*_count_differences(standard_text, easy_text), *_name_differences(standard_text, easy_text)]
    return differences if _numbers(before) == _numbers(after) else ["出典の番号が違います", *differences]


def _numbers(statements: Iterable[Statement]) -> set[int]:
    return {n for statement in statements for n in statement.cited}


def _count_differences(standard: str, easy: str) -> Iterator[str]:
    if Counter(_DIGITS.findall(standard)) != Counter(_DIGITS.findall(easy)):
        yield "数字が違います"
    if Counter(_figures(standard)) != Counter(_figures(easy)):
        yield "数量が違います"
    if Counter(_times(standard)) != Counter(_times(easy)):
        yield "日付が違います"
    if len(_NEGATION.findall(standard)) != len(_NEGATION.findall(easy)):
        yield "打ち消しの数が違います"


def _figures(text: str) -> Iterator[tuple[object, ...]]:
    for figure in figures(text):
        yield figure.value, figure.unit, figure.change, figure.bound


def _times(text: str) -> Iterator[tuple[object, ...]]:
    for mention in dates(text):
        yield mention.first, mention.last
    for _, _, month, day in days_without_year(text):
        yield month, day


def _name_differences(standard: str, easy: str) -> Iterator[str]:
    for text, other in ((standard, easy), (easy, standard)):
        squashed = fold_normalised(other)
        for name in [*(name for _, name in names(text)), *(text[a:b] for a, b in contacts(text))]:
            if fold_normalised(name) not in squashed:
                yield f"「{name}」が一方にしかありません"
