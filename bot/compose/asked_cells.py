"""Which cells of a row a question asks for: those of its date, its day of the week, its measure, its words."""

import re
from collections import Counter

from bot.check.roles import Role, role_of_column
from bot.compose.row import Row
from bot.find.evidence import content_terms_cached
from bot.find.flags import tells_flag
from bot.find.hours import HOUR, asks_hour
from bot.understand.asked import Asked, Aspect, Kind, meant_words
from bot.understand.beginning import is_beginning
from bot.understand.intervals import interval_of, measured
from bot.understand.ordinals import ordinals
from bot.understand.weekdays import days_asked, days_of_head
from ingest.documents import Cell
from ingest.normalise import dates, nfkc, quantities

_FIGURE_ASKED = re.compile(
    r"何(?!年度|月|日|曜|時|が|を|に|で|の)|いくつ|いくら|どれ(?:だけ|くらい|ぐらい|ほど)|どの(?:くらい|ぐらい|程度)"
)
# The target is asked for in a clause with its own question word, or in one that breaks off (目標は?).
_TARGET_ASKED = re.compile(rf"目標.*(?:{_FIGURE_ASKED.pattern})|目標値?は$")
_CLAUSE = re.compile(r"[?。、!]")
_MIDWAY = re.compile(r"中間|途中|折り返し|半ば")
_BEGINS = re.compile(r"開始|開館|開設|開園|供用|稼働|スタート|本格")
_ROLES: dict[Aspect, Role] = {"target": "目標", "result": "実績"}
_FROM = re.compile(r"(?:いつ|何年度?|何月)から")


def cells_asked(row: Row, asked: Asked) -> list[Cell]:
    """Return the cells asked for: target, result, or those whose header the question names; else all figures."""
    for choose in (_since_beginning, _of_date, _of_day, _of_measure, _of_place, of_flag, _scheduled):
        if chosen := choose(row, asked):
            return chosen
    if midway := [c for c in row.cells if "中間" in c.column and _MIDWAY.search(asked.text)]:
        return midway
    if asked.aspects == ("target",) and row.target and not _asks_besides_target(asked):
        return [row.target]
    if row.figures and asked.aspects:
        return list(row.figures)
    named = _named(row, asked) or list(row.figures) or list(row.others)
    return _of_kind(named, asked) or _of_kind(row.others, asked) or named


def _of_date(row: Row, asked: Asked) -> list[Cell]:
    return [c for c in (*row.figures, *row.others) if is_of_date(c, asked)]


def _since_beginning(row: Row, asked: Asked) -> list[Cell]:
    """Return the cells of how it stood when the plan was made, with what the question sets against them."""
    begun = [c for c in row.cells if is_beginning(nfkc(c.column), asked.text)]
    if not begun:
        return []
    dated = _of_date(row, asked)
    roles = {_ROLES[aspect] for aspect in asked.aspects if aspect == "target" or asked.compares or dated}
    of_role = [c for c in dated if role_of_column(nfkc(c.column)) in roles]
    against = of_role or dated or [c for c in row.figures if role_of_column(nfkc(c.column)) in roles]
    return [c for c in row.cells if c in begun or c in against]


def is_of_date(cell: Cell, asked: Asked) -> bool:
    """Whether the header of the cell's column has a date that the question asks for: 目標値(令和11年度)."""
    return any(w.overlaps(m) for m in dates(nfkc(cell.column)) for w in asked.dates)


def _of_day(row: Row, asked: Asked) -> list[Cell]:
    """Return the cells of the days of the week that are asked for, and those that name one of them (休館日: 火曜日)."""
    days = days_asked(asked.text)
    heads = [c for c in row.cells if days and days & days_of_head(nfkc(c.column))]
    naming = [c for c in row.cells if heads and c not in heads and days & days_asked(nfkc(c.value))]
    return [*heads, *naming]


def _of_measure(row: Row, asked: Asked) -> list[Cell]:
    """Return the cells of the columns that are stretches of a measure (2時間を超え4時間まで) in which a figure lies."""
    stretches = [(c, stretch) for c in row.cells if (stretch := interval_of(nfkc(c.column)))]
    figures = measured(asked.text) if stretches else []
    return [c for c, stretch in stretches if any(stretch.holds(value, unit) for value, unit in figures)]


def _of_place(row: Row, asked: Asked) -> list[Cell]:
    """Return the cells of the columns that take in the place in a count that the question names (3人目: 第3子以降)."""
    places = ordinals(asked.text)
    return [c for c in row.cells if any(t.holds(p) for t in ordinals(nfkc(c.column)) for p in places)]


def of_flag(row: Row, asked: Asked) -> list[Cell]:
    """Return the cells that say yes or no of what the question names (ペット: 不可)."""
    return [c for c in row.cells if tells_flag(nfkc(c.column), nfkc(c.value), asked)]


def _scheduled(row: Row, asked: Asked) -> list[Cell]:
    """Return what a row of a schedule has in its years: what the question names, where it first stands, else all."""
    if asked.kind not in {Kind.WHEN, Kind.PERIOD} or asked.dates:
        return []
    steps = steps_of(row)
    words = _said(asked, content_terms_cached(row.subject))
    shared = [len(content_terms_cached(c.value) & words) for c in steps]
    named = [c for c, count in zip(steps, shared, strict=True) if count and count == max(shared)]
    if not named and _FROM.search(asked.text):
        named = [c for c in steps if _BEGINS.search(c.value)]
    return named[:1] if named and _FROM.search(asked.text) else named or steps


def steps_of(row: Row) -> list[Cell]:
    """Return the cells of a row of a schedule: words under two years and more (令和9年度: 試行)."""
    found = [c for c in row.cells if not _has_figure(nfkc(c.value)) and dates(nfkc(c.column))]
    return found if len(found) > 1 else []


def _has_figure(value: str) -> bool:
    """Whether a value has a figure; an ordinal (第4分団) is none."""
    return any(not q.unit.startswith("第") for q in quantities(value))


def _named(row: Row, asked: Asked) -> list[Cell]:
    """Return the cells whose headers the question names, in its own words or in what these mean."""
    text = content_terms_cached(asked.text)
    if said := [c for c in row.others if content_terms_cached(c.column) & text]:
        return said
    heads = [content_terms_cached(c.column) for c in row.cells]
    often = Counter(word for head in heads for word in head)
    meant = {word for word in _said(asked, content_terms_cached(row.subject)) if often[word] == 1}
    return [c for c, head in zip(row.cells, heads, strict=True) if head & meant]


def _said(asked: Asked, subject: frozenset[str]) -> frozenset[str]:
    """Return the words of the question besides those of the row's name, and the single words they may stand for."""
    return (content_terms_cached(asked.text) | meant_words(asked, subject)) - subject


def _of_kind(cells: "list[Cell] | tuple[Cell, ...]", asked: Asked) -> list[Cell]:
    """Return the cells that hold a sum of money or an hour where such is asked for; none where another kind is."""
    if asks_hour(asked.text):
        return [c for c in cells if HOUR.search(nfkc(c.value))]
    if asked.kind is Kind.MONEY:
        return [c for c in cells if any(q.unit == "円" for q in quantities(nfkc(c.value)))]
    return []


def _asks_besides_target(asked: Asked) -> bool:
    """Whether one clause asks for the target and another for a figure that is none (何人育てたの?目標は何人?)."""
    clauses = [clause for clause in _CLAUSE.split(asked.text) if clause]
    of_target = any(map(_TARGET_ASKED.search, clauses))
    return of_target and any("目標" not in clause and _FIGURE_ASKED.search(clause) for clause in clauses)
