"""Whether the passages that a statement cites say what it says. Each check yields what is wrong, in Japanese."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import chain

from bot.check.arithmetic import Sum, sums
from bot.check.belonging import misplaced, other_row
from bot.check.claims import Figure, Span, contradicts_itself, days_without_year, era_number, figures, spans
from bot.check.course import wrong_course
from bot.check.currency import outdated
from bot.check.given import Given, named_documents, without_names
from bot.check.grounds import ANY_THING, Grounds, Stated
from bot.check.members import foreign_members, strung
from bot.check.names import addresses, bodies, names, squash, without_reference
from bot.check.outcome import wrong_outcome
from bot.check.polarity import reversed_sense
from bot.check.portion import whole_as_part
from bot.check.roles import Role, roles
from bot.check.statements import Statement
from bot.check.who import misattributed
from bot.check.wording import foreign_wording
from ingest.normalise import DateMention, dates
from ingest.tokenise import words

_CHANGE_WORDS = {"増": re.compile("増|上昇|伸び|アップ|拡大|多"), "減": re.compile("減|削|縮|低下|下が|ダウン|少な")}
_TARGET = re.compile("目標|計画値|見込|目指|めざ|達成|予定")
# 2か所目, 3回目; 1つ目 runs through the answer's own list.
_ORDINAL = re.compile(r"\d+(?:[かカヶ]所|回|台|年|人|件|期|校|園|館)目(?![標的])")
_ROUGH = re.compile("[強弱台余]")
_BOUND_WORDS = re.compile("以上|以下|未満|以内|超|下回")


def unsupported(statement: Statement, sources: Sequence[Grounds], given: Given) -> Iterator[str]:
    """Yield a reason for each claim of `statement` that none of `sources` supports."""
    checks = (_sums, _dates, _days, _spans, foreign_wording, foreign_members, wrong_outcome, reversed_sense)
    of_what = (misattributed, wrong_course, whole_as_part)
    if not any(source.pieces for source in sources):
        yield f"「{statement.text}」の出典には、根拠にできる文がありません"
    named = _without_cited_names(statement, sources, given)
    yield from chain.from_iterable(check(named, sources) for check in (_figures, _names))
    yield from chain.from_iterable(check(statement, sources) for check in (*checks, *of_what))
    yield from chain.from_iterable(check(statement, sources, given) for check in (misplaced, other_row, outdated))


def _without_cited_names(statement: Statement, sources: Sequence[Grounds], given: Given) -> Statement:
    """Return the statement with blanks for the names of the documents it cites: 第2次計画 is called so by its alias."""
    cited = {source.doc_id for source in sources}
    told_of = {doc_id for _, doc_id in named_documents(statement.text, given.documents)}
    documents = tuple(document for document in given.documents if document.id in cited & told_of)
    return replace(statement, text=without_names(statement.text, documents))


def states_fact(statement: Statement) -> bool:
    """Whether it holds a figure, a date, a span of time or a name: what needs a source."""
    counted = [f for f in figures(statement.text) if f.value != statement.items]
    return bool(counted or dates(statement.text) or days_without_year(statement.text) or names(statement.text))


def _figures(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    text = statement.text
    found = figures(text)
    shown = sums(text, found)
    results = {(s.result.value, s.result.unit) for s in shown}
    for figure, role in zip(found, roles(text, found), strict=True):
        if (figure.value, figure.unit) in results or _is_count(figure, statement, sources):
            continue
        if _is_rough(
            text, figure, [*results, *((s.figure.value, s.figure.unit) for s in chain(*(o.stated for o in sources)))]
        ):
            continue
        written = text[figure.start : figure.end]
        stated = [s for source in sources for s in source.stated if s.supports(figure)]
        if not stated and not _is_number(figure, sources):
            yield f"「{written}」は出典にありません"
        elif stated and not any(_is_operand(figure, s, found) for s in shown):
            yield from _meaning(text, figure, stated, sources)
            if role and not any(_has_role(figure, role, source) for source in sources):
                yield f"「{written}」は出典では{role}の値ではありません"
            elif not role and not _TARGET.search(text) and _only_target(figure, sources):
                yield f"「{written}」が目標の値であることが書かれていません"


def _is_rough(text: str, figure: Figure, told: Sequence[tuple[Decimal, str]]) -> bool:
    """Whether it says in tenths what is told in hundredths: 2割強 of 23%, 3割弱 of 28%."""
    rough = _ROUGH.match(text, figure.end)
    if not rough or figure.unit != "%":
        return False
    low, high = (figure.value - 5, figure.value) if rough[0] == "弱" else (figure.value, figure.value + 10)
    return any(unit == "%" and low <= value <= high for value, unit in told)


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


def _sums(statement: Statement, _: Sequence[Grounds]) -> Iterator[str]:
    for shown in sums(statement.text, figures(statement.text)):
        if not shown.right:
            yield f"計算「{statement.text[shown.start : shown.end]}」が合いません"


def _dates(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    text = statement.text
    found = dates(text)
    for mention in found:
        written = text[mention.start : mention.end]
        if not any(_states_date(mention, source) for source in sources):
            yield f"日付「{written}」は出典にありません"
        elif any(text[other.end : mention.start].strip() == "=" and not other.overlaps(mention) for other in found):
            yield f"日付「{written}」は、等しいとされた日付と合いません"
        elif contradicts_itself(text, mention) and not any(written in source.text for source in sources):
            yield f"日付「{written}」の和暦と西暦が合いません"


def _states_date(claim: DateMention, source: Grounds) -> bool:
    """Whether `source` names this time or a part of it (2023年1月 for 令和5年), or the bare number of the year."""
    if claim.granularity in ("year", "fiscal_year") and claim.first.year in source.numbers:
        bare = not any(d.first.year == claim.first.year for d in source.dates)
        if bare:
            return True
    return any(claim.covers(d) for d in source.dates)


def _days(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    for start, end, month, day in days_without_year(statement.text):
        stated = {d for source in sources for d in source.days}
        if not any(month == m and (day is None or day == d) for m, d in stated):
            yield f"日付「{statement.text[start:end]}」は出典にありません"


def _spans(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield the spans whose ends the sources name, but not as ends of one span."""
    stated = [span for source in sources for span in source.spans]
    for span in spans(statement.text):
        written = statement.text[span.first.start : span.last.end]
        if any(_same_span(span, other) for other in stated):
            continue
        if span.last.first < span.first.first:
            yield f"期間「{written}」の前後が逆です"
        elif any(span.first.overlaps(o.first) != span.last.overlaps(o.last) for o in stated):
            yield f"期間「{written}」は出典の期間と合いません"


def _same_span(one: Span, other: Span) -> bool:
    return one.first.overlaps(other.first) and one.last.overlaps(other.last)


def _names(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    text = statement.text
    for name in dict.fromkeys([*names(text), *addresses(text)]):
        if not any(squash(name) in source.squashed for source in sources):
            yield f"「{name}」は出典にありません"
    for ordinal in _ORDINAL.findall(text):
        if not any(squash(ordinal) in source.squashed for source in sources):
            yield f"「{ordinal}」は出典にありません"
    for body in () if statement.listed else bodies(text):
        if not any(_says_body(source, body) for source in sources):
            yield f"「{body}」は出典にありません"


def _says_body(source: Grounds, body: str) -> bool:
    """Whether the source names it, or all of its words together in one piece (市の都市政策局 of 金沢市都市政策局)."""
    if any(squash(name) in source.squashed for name in (body, without_reference(body))):
        return True
    said = set(words(body))
    return not body.endswith("長") and any(said <= piece.about for piece in source.pieces)
