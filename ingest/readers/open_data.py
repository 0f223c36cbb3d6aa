"""Readers of standard open data: calendars and places."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

from dateutil.rrule import rrulestr

from ingest.blocks.model import DocumentPart
from ingest.errors import UnreadableDocumentError
from ingest.japanese.notation import WEEKDAYS
from ingest.japanese.today import JAPAN, today
from ingest.readers.block_writer import BlockWriter
from ingest.readers.text_files import column_order, decode


def read_geojson(path: Path) -> list[DocumentPart]:
    """Return the properties of the features of a GeoJSON file as a table. Raises UnreadableDocumentError."""
    try:
        data = json.loads(decode(path.read_bytes(), path.name))
        properties = [dict(feature["properties"] or {}) for feature in data["features"]]
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableDocumentError(
            f"{path.name}: GeoJSON として読めません。地物の集まり（FeatureCollection）として書き出し直してください。"
        ) from error
    heads = list(dict.fromkeys(head for row in properties for head in row))
    heads = [heads[n] for n in column_order(heads)]
    rows = [heads, *([_flat_text(row.get(head)) for head in heads] for row in properties)]
    return _write(_flat_text(data.get("name")), rows)


def _flat_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "、".join(f"{key}: {text}" for key, part in value.items() if (text := _flat_text(part)))
    if isinstance(value, list):
        return "、".join(filter(None, map(_flat_text, value)))
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    return "" if value is None else str(value)


def _write(title: str, rows: Sequence[list[str]]) -> list[DocumentPart]:
    writer = BlockWriter()
    writer.add_heading(1, title)
    if len(rows) > 1:
        used = [n for n in range(len(rows[0])) if any(row[n].strip() for row in rows[1:])]
        writer.add_rows([[row[n] for n in used] for row in rows])
    return writer.parts


# iCalendar (RFC 5545).
_FOLD = re.compile(r"\r?\n[ \t]")
_PROPERTY = re.compile(r"(?P<name>[A-Za-z-]+)(?P<parameters>(?:;[^=:;]+=(?:\"[^\"]*\"|[^:;\"]*))*):(?P<value>.*)")
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d{0,2}(Z?))?")
_REPEATS = {"DAILY": "毎日", "WEEKLY": "毎週", "MONTHLY": "毎月", "YEARLY": "毎年"}
_DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Of a series by the hour or the second, or whose days never end, only the first day is listed.
_NOT_EXPANDED = re.compile(rf"BY(?:HOUR|MINUTE|SECOND)|INTERVAL=0|FREQ=(?!{'|'.join(_REPEATS)})")
# Days of a series that are listed, in the year from now (or from its beginning, if later).
_MOST_OCCURRENCES = 60
_YEAR = timedelta(days=366)
_EVENT_HEADS = ["行事", "開始", "終了", "場所", "説明", "繰り返し", "問合せ", "URL"]
_Event = Mapping[str, list[str]]


def read_calendar(path: Path) -> list[DocumentPart]:
    """Return the events of an iCalendar file as a table, a repeated one with its next days (up to 60 of a year).

    Raises UnreadableDocumentError.
    """
    text = _FOLD.sub("", decode(path.read_bytes(), path.name))
    calendar: dict[str, list[str]] = defaultdict(list)
    events: list[dict[str, list[str]]] = []
    inside: list[str] = []
    for line in text.splitlines():
        match = _PROPERTY.fullmatch(line)
        name, value = (match["name"].upper(), match["value"]) if match else ("", "")
        if name == "BEGIN":
            inside.append(value.upper())
            if inside[-1] == "VEVENT":
                events.append(defaultdict(list))
        elif name == "END":
            inside = inside[:-1]
        elif inside[-1:] == ["VEVENT"]:
            events[-1][name].append(value)
        elif len(inside) == 1:
            calendar[name].append(value)
    if "VCALENDAR" not in text:
        raise UnreadableDocumentError(
            f"{path.name}: iCalendar として読めません。カレンダーから .ics で書き出し直してください。"
        )
    moved = {(event["UID"][0], day) for event in events if event["UID"] for day in _moments(event["RECURRENCE-ID"])}
    rows = [row for event in events for row in _event_rows(event, moved)]
    title = _plain(calendar["X-WR-CALNAME"] or calendar["NAME"])
    return _write(title, [_EVENT_HEADS, *(cells for _, cells in sorted(rows, key=lambda row: row[0]))])


def _event_rows(event: _Event, moved: set[tuple[str, datetime]]) -> Iterator[tuple[datetime, list[str]]]:
    starts, ends = _moments(event["DTSTART"]), _moments(event["DTEND"])
    if not starts:
        return
    is_whole_day = "T" not in event["DTSTART"][0]
    length = ends[0] - starts[0] if ends else timedelta(days=1) if is_whole_day else timedelta()
    name = _plain(event["SUMMARY"])
    if _plain(event["STATUS"]).upper() == "CANCELLED":
        name = f"【中止】{name}"
    details = [_plain(event[key]) for key in ("LOCATION", "DESCRIPTION")]
    rule = _repetition(event["RRULE"][0]) if event["RRULE"] else ""
    contact = [_plain(event["CONTACT"]), _plain(event["URL"])]
    excluded = set(_moments(event["EXDATE"]))
    uid = event["UID"][0] if event["UID"] else ""
    for start in _days(event, starts)[:_MOST_OCCURRENCES]:
        if start in excluded or (not event["RECURRENCE-ID"] and (uid, start) in moved):
            continue
        last = start
        with suppress(OverflowError):  # in the year 10,000
            last = start + length - (timedelta(days=1) if is_whole_day else timedelta())
        is_other_day = last.date() != start.date()
        end = _moment_text(last, is_whole_day=is_whole_day, has_day=is_other_day) if last > start else ""
        yield start, [name, _moment_text(start, is_whole_day=is_whole_day), end, *details, rule, *contact]


def _days(event: _Event, starts: Sequence[datetime]) -> list[datetime]:
    rule = "".join(event["RRULE"][:1])
    if not rule:
        return [*starts, *_moments(event["RDATE"])]
    first = max(starts[0], datetime.combine(today(), datetime.min.time()))
    days = list[datetime]()
    if not _NOT_EXPANDED.search(rule):
        with suppress(ValueError, TypeError, LookupError, ArithmeticError), catch_warnings():
            simplefilter("ignore")  # an end beside a number of occurrences
            # The end of the rule is in UTC if it has a time, and the days here are Japan's.
            until = [*_moments(re.findall(r"UNTIL=(\w+)", rule)), first + _YEAR - timedelta(seconds=1)]
            series = rrulestr(re.sub(r";?UNTIL=\w*", "", rule).lstrip(";"), dtstart=starts[0])
            days.extend(series.replace(until=min(until)).xafter(first, _MOST_OCCURRENCES, inc=True))
    return days or [starts[0]]


def _repetition(rule: str) -> str:
    parts = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
    names = []
    for day in parts.get("BYDAY", "").split(","):
        if (match := re.fullmatch(r"([+-]?\d{0,2})(\w\w)", day)) and match[2] in _DAY_CODES:
            week = "最終" if match[1].startswith("-") else f"第{int(match[1])}" if match[1] else ""
            names.append(f"{week}{WEEKDAYS[_DAY_CODES.index(match[2])]}曜日")
    names += [f"{day}日" for day in parts.get("BYMONTHDAY", "").split(",") if re.fullmatch(r"-?\d\d?", day)]
    interval = f"（{parts['INTERVAL']}回に1回）" if parts.get("INTERVAL", "1") != "1" else ""
    return _REPEATS.get(parts.get("FREQ", ""), "繰り返し") + "・".join(dict.fromkeys(names)) + interval


def _moments(values: Sequence[str]) -> list[datetime]:
    moments = []
    for match in (match for value in values for match in _MOMENT.finditer(value)):
        year, month, day, hour, minute, is_utc = match.groups()
        try:
            moment = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0))  # noqa: DTZ001
            moments.append(moment.replace(tzinfo=UTC).astimezone(JAPAN).replace(tzinfo=None) if is_utc else moment)
        except (ValueError, OverflowError):
            continue
    return moments


def _moment_text(moment: datetime, *, is_whole_day: bool, has_day: bool = True) -> str:
    day = f"{moment.year}年{moment.month}月{moment.day}日（{WEEKDAYS[moment.weekday()]}）" if has_day else ""
    return day if is_whole_day else f"{day}{moment.hour}:{moment.minute:02}"


def _plain(values: Sequence[str]) -> str:
    text = re.sub(r"\\[nN]", " ", values[0]) if values else ""
    return re.sub(r"<[^<>]+>", " ", re.sub(r"\\(.)", r"\1", text)).strip()
