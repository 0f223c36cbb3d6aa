"""Finds the lines of a document that tell when something is open or closed."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from bot.kinds.hours.closed_days import WEEKDAYS_FORM
from ingest.documents import Document, Passage
from ingest.index.passages import PassageStore
from ingest.japanese import nfkc
from ingest.japanese.lexicon import any_of
from ingest.japanese.mentions.days import NthWeekday, named_weekdays, read_weekdays
from ingest.japanese.mentions.times import times
from ingest.japanese.notation import DAY, MONTH, WEEKDAY
from ingest.japanese.sentences import split_document_sentences

Role = Literal["open", "closed", "shift"]
"""What a line tells: when it is open, when it is closed, or what holds if a closed day is a holiday."""
HOURS = "hours"
"""The name of the artefacts."""
WORDS = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
# A holiday from school or at noon is no closure.
CLOSED = re.compile(rf"(?<![春夏冬昼])(?:{any_of(WORDS['closed'])})")
OPEN = re.compile(any_of(WORDS["open"]))
_KINDS = any_of((*WORDS["open"], *WORDS["closed"]))
_TIMES = any_of(WORDS["times"])
LABEL_OF_HOURS = re.compile(rf"(?:{any_of(WORDS['open'])})(?:可能)?(?:時間|時刻|日)")
_LABEL = re.compile(
    rf"[・○◯●■◆【\[<※]*\s*(?P<label>[^\s:。、(]{{0,10}}(?:{_KINDS})[^\s:。、(]{{0,4}}?(?:可能)?(?:{_TIMES})"
    rf"(?:・(?:{_KINDS})(?:{_TIMES}))?|(?:{_TIMES}))[】\]>]?(?:\s*[:/]\s*|\s+|$)"
)
_CLOCK = r"\d{1,2}(?:時(?:\d{1,2}分|半)?|:\d\d)"
STATED_HOURS = re.compile(rf"{_CLOCK}\s?(?:~|から|-|まで)|24時間")
STATED_DAYS = re.compile(rf"{WEEKDAY}曜|土日|祝日|休日|年末年始|無休|末日|{MONTH}(?:月|/){DAY}")
# In the head of a column: 土・日・祝.
_HOLIDAYS_BESIDE = re.compile(r"[・、]祝日?$")
# 休館日が祝日に当たるときは
_SHIFT = re.compile(rf"^[※\s]*(?:(?:{CLOSED.pattern})日|その日|{WEEKDAY}曜日?)が(?:国民の)?[祝休]日")
# A sentence about days on which it is open all the same.
_IS_OPEN = re.compile(r"開(?:館|園|庁|所|場|室|店|い|け|き|く)|営業|通常どおり")
# Words about a closed day between which the days stand: 月曜日は休館日です.
_ENDING = r"(?:とさせて|と|に|いただ|頂|いた|し|なり|です|ます|する|なる)"
_ABOUT_CLOSED = re.compile(
    rf"(?:は|が|を|も|に)[、,]?(?:{CLOSED.pattern})日?{_ENDING}*|(?:{CLOSED.pattern})日?(?:(?:は|を|が)[、,]?|{_ENDING}+)"
)
# Characters; a longer sentence tells of more than hours.
_MAX_LENGTH = 160
# Of a cell that names only days.
_MAX_DAYS_LENGTH = 40
# Heads of the last day of a year and the first of the next on which it is open.
_YEAR_END = re.compile(r"年(?:内|末).*年(?:始|明)")
_DECEMBER, _LAST_OF_DECEMBER = 12, 31


@dataclass(frozen=True, slots=True)
class HoursLine:
    """A line that tells when something is open or closed.

    Attributes:
        passage_id, start, end: where it is: `text[start:end]` of a passage.
        subject: what it is about: the headings that are no labels, and the label of a row.
        role: what the value names.
        value: the hours or days, in normal form.
        weekdays: the only weekdays that it is about; empty for any.
        on_holidays: whether it is about holidays, None if it does not say.
        is_exceptional: whether it is about particular days, such as those of a repair.
        is_labelled: whether a label of closed days (休館日) says what the value is.
    """

    passage_id: str
    start: int
    end: int
    subject: tuple[str, ...]
    role: Role
    value: str
    weekdays: frozenset[NthWeekday] = frozenset()
    on_holidays: bool | None = None
    is_exceptional: bool = False
    is_labelled: bool = False


LINES: TypeAdapter[list[HoursLine]] = TypeAdapter(list[HoursLine])


def compile_hours(store: PassageStore, document: Document) -> bytes | None:
    """Return the lines of a document about opening hours, None without any."""
    passages = [passage for passage in store.document_passages(document.id) if not passage.speeches]
    by_line = defaultdict[int, list[Passage]](list)
    for passage in passages:
        for number in passage.lines if passage.kind != "row" else ():
            by_line[number].append(passage)
    lines = [line for passage in passages if passage.kind == "row" for line in _read_row(passage)]
    label, label_path = "", tuple[str, ...]()
    for block in store.blocks(document.id):
        if block.kind in {"table", "dropped", "heading", "speech"}:
            continue
        near = list(dict.fromkeys(passage for number in block.lines for passage in by_line[number]))
        for part in (part.strip() for line in block.text.split("\n") for part in split_document_sentences(line)):
            source = next((passage for passage in near if part in passage.text), None)
            if source is None:
                continue
            if (alone := _whole_label(nfkc(part))) or source.path != label_path:  # a label is above its values
                label, label_path = alone, source.path
            if line := _read_part(source, part, label):
                lines.append(line)
    order = {passage.id: n for n, passage in enumerate(passages)}
    lines.sort(key=lambda line: (order[line.passage_id], line.start))
    return LINES.dump_json(lines, exclude_defaults=True) if lines else None


def _read_part(passage: Passage, part: str, label_above: str = "") -> HoursLine | None:
    """Return the line of a sentence, or of a label with its value; None for any other text."""
    text = nfkc(part)
    headings, label_of_path = _split_path(passage.path)
    label = _LABEL.match(text)
    above = label_above or label_of_path
    name, value = (label["label"], text[label.end() :]) if label and label.end() < len(text) else (above, text)
    role = _role(name, value)
    if role is None or (role != "closed" and len(text) > _MAX_LENGTH):  # no closed day is left out
        return None
    start = passage.text.index(part)
    value = value if role == "open" or label else _ABOUT_CLOSED.sub("、", value)
    value = value.strip("。 ")
    limits = _read_limits(role, value)
    is_labelled = bool(CLOSED.search(name)) and not text.startswith(("※", "*", "注"))
    return HoursLine(passage.id, start, start + len(part), headings, role, value, *limits, is_labelled=is_labelled)


def _role(label: str, value: str) -> Role | None:
    """Return what a value under a label ("" for a sentence of its own) tells."""
    if _SHIFT.search(value):
        return "shift"
    has_hours, has_days = bool(STATED_HOURS.search(value)), bool(STATED_DAYS.search(value))
    words = label or value
    if has_hours and (OPEN.search(words) or (label and not CLOSED.search(label))):
        return "open"
    if CLOSED.search(label + value) and (has_days or (label and re.match(r"なし|無休", value))):
        return "closed"
    is_about_days = (label.endswith(("曜日", "日")) and OPEN.search(label)) or _IS_OPEN.search(value)
    return "open" if has_days and is_about_days else None


def _split_path(path: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return the headings that are no labels, and the innermost label of them or ""."""
    labels = [_whole_label(nfkc(heading).strip()) for heading in path]
    headings = (heading for heading, label in zip(path, labels, strict=True) if not label)
    return tuple(headings), next(filter(None, reversed(labels)), "")


def _read_row(row: Passage) -> Iterator[HoursLine]:
    headings, label_of_path = _split_path(row.path)
    cells = [(nfkc(cell.column).strip(), cell.value, nfkc(cell.value).strip()) for cell in row.cells]
    first = "" if len(cells) < 2 or (_whole_label(cells[0][0]) and _role(cells[0][0], cells[0][2])) else cells[0][2]
    weekdays_of_row = read_weekdays(first)
    label_of_row = _whole_label(first)
    subject = headings if weekdays_of_row or label_of_row or not first else (*headings, first)
    for note in row.notes:
        if found_note := _read_part(row, note):
            yield replace(found_note, subject=subject)
    if special := _special_day([value for _, _, value in cells]):
        yield HoursLine(row.id, 0, len(row.text), (*headings, first), *special, is_exceptional=True)
    heads = " ".join(head for head, _, _ in cells)
    if _YEAR_END.search(heads) and (over := _over_new_year([value for _, _, value in cells])):
        yield HoursLine(row.id, 0, len(row.text), subject, "closed", over, is_labelled=True)
    position = 0
    for head, written, value in cells[1:] if first else cells:
        start = row.text.find(written, position)
        if start < 0 or not value:
            continue
        position = start + len(written)
        if weekdays := read_weekdays(_HOLIDAYS_BESIDE.sub("", head)) or weekdays_of_row:
            role: Role = "closed" if value in WORDS["not_open"] else "open"
            yield HoursLine(row.id, 0, len(row.text), subject, role, value, weekdays)
        elif (label := label_of_row or _whole_label(head) or label_of_path) and (found := _role(label, value)):
            whole = len(row.text) <= _MAX_LENGTH
            span = (0, len(row.text)) if whole else (row.text.rfind("\n", 0, start) + 1, position)
            limits = _read_limits(found, value)
            yield HoursLine(row.id, *span, subject, found, value, *limits, is_labelled=bool(CLOSED.search(label)))


def _special_day(values: Sequence[str]) -> tuple[Role, str] | None:
    """Return whether a row says that something is closed or open on days that a cell names."""
    days = next((value for value in values if len(value) < _MAX_DAYS_LENGTH and any(t.day for t in times(value))), "")
    others = " ".join(value for value in values if value != days)
    if not days or STATED_HOURS.search(days):
        return None
    if CLOSED.search(others) and not re.search("臨時開|通常どおり", others):
        return "closed", days
    return ("open", days) if re.search(rf"臨時(?:{OPEN.pattern})", others) else None


def _over_new_year(values: Sequence[str]) -> str:
    """Return the days between the last open day of a year and the first of the next: 12月28日まで, 1月4日から."""
    last = next((time for value in values if "まで" in value for time in times(value) if time.month == _DECEMBER), None)
    first = next((time for value in values if "から" in value for time in times(value) if time.month == 1), None)
    if not (last and first and last.day and first.day) or first.day == 1:
        return ""
    closed_from = f"12月{last.day + 1}日" if last.day < _LAST_OF_DECEMBER else "1月1日"
    return f"{closed_from}~1月{first.day - 1}日"


def _whole_label(text: str) -> str:
    """Return the label that a normalised text consists of, or ""."""
    match = _LABEL.match(text)
    return match["label"] if match and match.end() == len(text) else ""


def _read_limits(role: Role, value: str) -> tuple[frozenset[NthWeekday], bool | None]:
    """Return the weekdays before the hours of a value, and whether they hold on holidays."""
    weekdays, before, position = frozenset[NthWeekday](), "", 0
    for hours in STATED_HOURS.finditer(value) if role == "open" else ():
        words = value[position : hours.start()]
        named = [read_weekdays(match[0]) for match in WEEKDAYS_FORM.finditer(words)] or [named_weekdays(words)]
        if not position and not any(named):  # the first hours hold on any day, whatever follows
            return frozenset(), None
        weekdays, before, position = weekdays.union(*named), before + words, hours.end()
    return weekdays, ("祝" in before and "除" not in before) if weekdays else None
