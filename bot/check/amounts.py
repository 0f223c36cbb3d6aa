"""Whether a figure stands in the sources as it is told: with its unit, role, bound, and as a sum shows it."""

import re
from collections.abc import Iterator, Sequence
from itertools import permutations

from bot.check.arithmetic import Sum, sums
from bot.check.claims import era_number, figures
from bot.check.figure import Figure
from bot.check.grounds import ANY_THING, Grounds, Stated
from bot.check.members import strung
from bot.check.roles import Role, roles
from bot.check.statements import Statement

_CHANGE_WORDS = {"増": re.compile("増|上昇|伸び|アップ|拡大|多"), "減": re.compile("減|削|縮|低下|下が|ダウン|少な")}
_TARGET = re.compile("目標|目安|計画値|想定|推計|予測|見込|目指|めざ|達成|予定")
_BOUND_WORDS = re.compile("以上|以下|未満|以内|超|下回")


def unstated_figures(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield the figures that no source states, or states as another role, change or bound."""
    text = statement.text
    found = figures(text)
    shown = sums(text, found)
    results = {(s.result.value, s.result.unit) for s in shown}
    for figure, role in zip(found, roles(text, found), strict=True):
        if (figure.value, figure.unit) in results or _is_count(figure, statement, sources):
            continue
        if _is_rounded(figure, found, shown):
            continue
        written = text[figure.start : figure.end]
        stated = [s for source in sources for s in source.stated if s.supports(figure)]
        if not stated and not _is_number(figure, sources):
            yield f"「{written}」は出典にありません"
        elif not _per(text, figure) <= {"", *_told_per(figure, sources)}:
            yield f"「{written}」は出典では別の期間ごとの値です"
        elif stated and not any(_is_operand(figure, s, found) for s in shown):
            yield from _meaning(text, figure, stated, sources)
            if role and not any(_has_role(figure, role, source) for source in sources):
                yield f"「{written}」は出典では{role}の値ではありません"
            elif not role and not _TARGET.search(text) and _only_target(figure, sources):
                yield f"「{written}」が目標の値であることが書かれていません"


# 週2回 is not 月2回, nor 年2,000円 月2,000円.
_PER = re.compile(r"(?<![\d一-龥])(?:毎|1)?(週|月|年|日|時間|人|世帯|回)(?:間|額|当たり|あたり|につき|に)?、?$")


def _per(text: str, figure: Figure) -> set[str]:
    """Return for what time or whom a figure is told (月2,000円): one word, empty where it is not said."""
    found = _PER.search(text[: figure.start])
    return {found[1] if found else ""}


def _told_per(figure: Figure, sources: Sequence[Grounds]) -> set[str]:
    """Return for what times the sources tell the figure; that of `figure` may be any where one says none."""
    told = [
        _per(s.text, f) for s in sources for f in figures(s.text) if (f.value, f.unit) == (figure.value, figure.unit)
    ]
    said = set[str]().union(*told)
    return said if said and "" not in said else {"週", "月", "年", "日", "時間", "人", "世帯", "回"}


def _is_rounded(figure: Figure, found: Sequence[Figure], shown: Sequence[Sum]) -> bool:
    """Whether it rounds what a sum shows, or the share that two figures make (126か所のうち39か所、約3割)."""
    if not figure.below and not figure.above:
        return False
    if any(s.result.unit == figure.unit and figure.allows(s.result.value) for s in shown):
        return True
    pairs = [(part.value, whole.value) for part, whole in permutations(found, 2) if part.unit == whole.unit != "%"]
    return figure.unit == "%" and any(whole and figure.allows(part / whole * 100) for part, whole in pairs)


def _is_operand(figure: Figure, shown: Sum, found: Sequence[Figure]) -> bool:
    """Whether the figure stands in a sum, or is one of those that a sum shows."""
    operands = [f for f in found if shown.start <= f.start < shown.end]
    return any((f.value, f.unit) == (figure.value, figure.unit) for f in operands)


def _is_count(figure: Figure, statement: Statement, sources: Sequence[Grounds]) -> bool:
    """Whether it counts the items of the list that follows, or of a list that is cited."""
    if figure.value in {statement.items, len(strung(statement.text))} - {0}:
        return True
    # A passage that tells how many there are is believed, not counted: it may hold two lists.
    counting = [s for s in sources if not any(stated.figure.unit in ANY_THING for stated in s.stated)]
    return figure.unit in ANY_THING and any(figure.value == source.items for source in counting)


def _is_number(figure: Figure, sources: Sequence[Grounds]) -> bool:
    """Whether a number without unit stands anywhere in a source, or 8年度 is the year of one of its dates."""
    if not figure.unit:
        return any(figure.value in source.numbers for source in sources)
    in_era = figure.unit in ("年", "年度") and figure.value < 100  # noqa: PLR2004 - two digits: a year of an era
    return in_era and any(era_number(d.first.year) == figure.value for source in sources for d in source.dates)


def _meaning(text: str, figure: Figure, stated: Sequence[Stated], sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield where a figure rose instead of fell, or where a bound was added or left out."""
    written = text[figure.start : figure.end]
    changes, bounds = ({getattr(s.figure, name) for s in stated} for name in ("change", "bound"))
    if figure.change and figure.change not in changes:
        said = any(_CHANGE_WORDS[figure.change].search(source.text) for source in sources)
        if changes != {""} or not said:
            yield f"「{written}{figure.change}」の増減が出典と合いません"
    elif not figure.change and "" not in changes and not any(_CHANGE_WORDS[c].search(text) for c in changes):
        yield f"「{written}」が増減の値であることが書かれていません"
    if figure.bound and figure.bound not in bounds:
        yield f"「{written}{figure.bound}」の範囲が出典と合いません"
    elif not figure.bound and "" not in bounds and not _BOUND_WORDS.search(text):
        yield f"「{written}」の範囲（以上・未満など）が抜けています"


def _has_role(figure: Figure, role: Role, source: Grounds) -> bool:
    """Whether `source` gives the figure in `role`: by its column, by its words, or where it knows no roles."""
    given = [stated.role for stated in source.stated if stated.supports(figure)]
    return role in given or ("" in given and role not in source.columns)


def _only_target(figure: Figure, sources: Sequence[Grounds]) -> bool:
    """Whether every source that states the figure has it as a target, in a table that has results too."""
    stating = [source for source in sources if any(s.supports(figure) for s in source.stated)]
    return bool(stating) and all(
        "実績" in source.columns and {s.role for s in source.stated if s.supports(figure)} == {"目標"}
        for source in stating
    )


def wrong_sums(statement: Statement, _: Sequence[Grounds]) -> Iterator[str]:
    """Yield the sums that are wrong."""
    for shown in sums(statement.text, figures(statement.text)):
        if not shown.right:
            yield f"計算「{statement.text[shown.start : shown.end]}」が合いません"
