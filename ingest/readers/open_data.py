"""Readers of standard open data: calendars, places and bus timetables."""

import csv
import io
import json
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from math import prod
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

import jpholiday
from dateutil import rrule

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
    return _write(_flat_text(data.get("name")), [("", rows)])


def _flat_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "、".join(f"{key}: {text}" for key, part in value.items() if (text := _flat_text(part)))
    if isinstance(value, list):
        return "、".join(filter(None, map(_flat_text, value)))
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    return "" if value is None else str(value)


def _write(
    title: str, tables: Sequence[tuple[str, Sequence[list[str]]]], notes: Sequence[str] = ()
) -> list[DocumentPart]:
    writer = BlockWriter()
    writer.add_heading(1, title)
    for note in notes:
        writer.add_paragraph(note)
    for heading, rows in tables:
        if len(rows) > 1:
            writer.add_heading(2, heading)
            used = [n for n in range(len(rows[0])) if any(row[n].strip() for row in rows[1:] if n < len(row))]
            writer.add_rows([[row[n] for n in used] for row in rows])
    return writer.parts


# iCalendar (RFC 5545).
_FOLD = re.compile(r"\r?\n[ \t]")
_PROPERTY = re.compile(r"(?P<name>[A-Za-z-]+)(?P<parameters>(?:;[^=:;]+=(?:\"[^\"]*\"|[^:;\"]*))*):(?P<value>.*)")
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d{0,2}(Z?))?")
_REPEATS = {"DAILY": "毎日", "WEEKLY": "毎週", "MONTHLY": "毎月", "YEARLY": "毎年"}
_DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_INTERVAL = re.compile(r"INTERVAL=(\w*)")
_TIMES = re.compile(r"BY(?:HOUR|MINUTE|SECOND)=([^;]*)")
# Events of a series that are listed, in the year from now (or from its beginning, if later).
_MOST_OCCURRENCES = 60
_YEAR = timedelta(days=366)
# The days (each with its times) that are examined for the series of a calendar, some seconds, and for one series:
# every day of 137 years. Listing an occurrence is as much work as examining a hundred.
_MOST_DAYS_EXAMINED = 3_000_000
_MOST_DAYS_OF_SERIES = 50_000
_DAYS_AN_OCCURRENCE = 100
_MOST_NAMES = 20
_EVENT_HEADS = ["行事", "開始", "終了", "場所", "説明", "繰り返し", "問合せ", "URL"]


def read_calendar(path: Path) -> list[DocumentPart]:
    """Return the events of an iCalendar file as a table, a repeated one with its days of a year.

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
    series = _Series()
    rows = [row for event in events for row in _event_rows(event, moved, series)]
    title = _plain(calendar["X-WR-CALNAME"] or calendar["NAME"])
    cut = list(dict.fromkeys(series.cut))
    more = f" ほか{len(cut) - _MOST_NAMES:,}件" if len(cut) > _MOST_NAMES else ""
    note = f"繰り返しが多すぎて、日のすべては載せていない行事: {'、'.join(cut[:_MOST_NAMES])}{more}"
    cells = [cells for _, cells in sorted(rows, key=lambda row: row[0])]
    return _write(title, [("", [_EVENT_HEADS, *cells])], [note] if cut else [])


def _event_rows(
    event: Mapping[str, list[str]], moved: set[tuple[str, datetime]], series: "_Series"
) -> Iterator[tuple[datetime, list[str]]]:
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
    days = series.expand(starts[0], event["RRULE"][0], name) if rule else [*starts, *_moments(event["RDATE"])]
    for start in series.limit(days, name):
        if start in excluded or (not event["RECURRENCE-ID"] and (uid, start) in moved):
            continue
        last = start
        with suppress(OverflowError):  # in the year 10,000
            last = start + length - (timedelta(days=1) if is_whole_day else timedelta())
        is_other_day = last.date() != start.date()
        end = _moment_text(last, is_whole_day=is_whole_day, has_day=is_other_day) if last > start else ""
        yield start, [name, _moment_text(start, is_whole_day=is_whole_day), end, *details, rule, *contact]


class _EndingInfo(rrule._iterinfo):  # type: ignore[misc]  # noqa: SLF001
    def rebuild(self, year: int, month: int) -> None:
        until = self.rrule._until  # noqa: SLF001
        if until and year > until.year:
            raise OverflowError(year)
        super().rebuild(year, month)


# dateutil tries a rule that no day satisfies (30 February) up to the year 9999, wherever it ends.
rrule._iterinfo = _EndingInfo  # noqa: SLF001


class _Series:
    """Expands the repeated events of a calendar within its limits; `cut` has the names of those that exceed them."""

    def __init__(self) -> None:
        self._left = _MOST_DAYS_EXAMINED
        self.cut: list[str] = []

    def expand(self, start: datetime, text: str, name: str) -> list[datetime]:
        """Return the days of a series in the year from now; only its start if there are none or the limit is met."""
        first = max(start, datetime.combine(today(), datetime.min.time()))
        begin, days = start, list[datetime]()
        with suppress(ValueError, TypeError, LookupError, ArithmeticError), catch_warnings():
            simplefilter("ignore")  # an end beside a number of occurrences
            interval = int(match[1]) if (match := _INTERVAL.search(text)) else 1
            times = prod(moment.count(",") + 1 for moment in _TIMES.findall(text))
            # Whole weeks earlier, a series by days or weeks is the same, and need not be counted through.
            if (step := re.search(r"FREQ=(DAILY|WEEKLY)\b", text)) and "COUNT=" not in text and interval > 0:
                days_apart = interval * (7 if step[1] == "WEEKLY" else 1)
                # With a whole period before the first, from which BYSETPOS counts.
                begin += timedelta(max(0, (first - start).days // days_apart - 1) * days_apart)
            work = (first + _YEAR - begin).days * times // max(1, interval)
            # By the hour or the second, or without end: dateutil takes an interval of 0.
            is_daily = re.search(rf"FREQ=(?:{'|'.join(_REPEATS)})\b", text) and interval > 0
            if not is_daily or work > min(self._left, _MOST_DAYS_OF_SERIES):
                self.cut.append(name)
                return [start]
            self._left -= work
            # The end of the rule is in UTC if it has a time, and the days here are Japan's.
            until = [*_moments(re.findall(r"UNTIL=(\w+)", text)), first + _YEAR - timedelta(seconds=1)]
            rule = rrule.rrulestr(re.sub(r";?UNTIL=\w*", "", text).lstrip(";"), dtstart=begin).replace(until=min(until))
            days.extend(rule.xafter(first, _MOST_OCCURRENCES, inc=True))  # keeps those before an error
        return days or [start]

    def limit(self, days: Sequence[datetime], name: str) -> Sequence[datetime]:
        """Return at most 60 of an event's days, from today on if there are more."""
        most = max(1, min(_MOST_OCCURRENCES, self._left // _DAYS_AN_OCCURRENCE))
        if len(days) > most:
            self.cut.append(name)
            now = datetime.combine(today(), datetime.min.time())
            days = sorted(set(days), key=lambda day: (day < now, day))[:most]
        if len(days) > 1:
            self._left -= len(days) * _DAYS_AN_OCCURRENCE
        return days


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


# GTFS (標準的なバス情報フォーマット).
_FEED_TABLES = (
    *("agency", "routes", "trips", "stops", "stop_times", "calendar", "calendar_dates"),
    *("fare_attributes", "fare_rules", "feed_info"),
)
_DAY_COLUMNS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_NAMES = {"1111100": "平日", "0000011": "土日", "1111111": "毎日"}
_MOST_DAYS = 5

Feed = Mapping[str, Sequence[Mapping[str, str]]]


def read_transit_feed(path: Path) -> list[DocumentPart]:
    """Return the timetables by stop, routes, fares and changed days of a GTFS feed as tables.

    Raises UnreadableDocumentError.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = {Path(name).stem: name for name in archive.namelist() if name.endswith(".txt")}
            feed = {table: list(_feed_rows(archive, names.get(table))) for table in _FEED_TABLES}
        return _write_feed(feed)
    except (zipfile.BadZipFile, zlib.error, ValueError, KeyError, csv.Error, RuntimeError, EOFError) as error:
        raise UnreadableDocumentError(
            f"{path.name}: GTFS として読めません（{error}）。公開元から取り直してください。"
        ) from error


def _feed_rows(archive: zipfile.ZipFile, name: str | None) -> Iterator[dict[str, str]]:
    if name:
        with archive.open(name) as file:
            for row in csv.DictReader(io.TextIOWrapper(file, "utf-8-sig", "replace", newline="")):
                yield {key: value.strip() for key, value in row.items() if isinstance(value, str)}


def _write_feed(feed: Feed) -> list[DocumentPart]:
    agencies = "・".join(dict.fromkeys(row["agency_name"] for row in feed["agency"]))
    routes = {
        row["route_id"]: " ".join(filter(None, (row.get("route_short_name"), row.get("route_long_name"))))
        for row in feed["routes"]
    }
    days = _service_days(feed)
    prices = {row["fare_id"]: int(float(row["price"])) for row in feed["fare_attributes"]}
    fares: dict[str, set[int]] = defaultdict(set)
    for row in feed["fare_rules"]:
        fares[routes.get(row.get("route_id", ""), "全路線")].add(prices[row["fare_id"]])
    changes = [
        [_day_text(row["date"]), days[row["service_id"]], "運行" if row["exception_type"] == "1" else "運休"]
        for row in sorted(feed["calendar_dates"], key=lambda row: row["date"])
    ]
    fare_rows = [[route, "・".join(f"{price}円" for price in sorted(found))] for route, found in fares.items()]
    route_rows = [[routes[row["route_id"]], agencies, row.get("route_desc", "")] for row in feed["routes"]]
    tables = [
        ("停留所の時刻表", [["停留所", "路線", "行き先", "運行日", "発車時刻"], *_timetable(feed, routes, days)]),
        ("路線", [["路線", "事業者", "説明"], *route_rows]),
        ("運賃", [["路線", "運賃"], *fare_rows]),
        ("運行日の変更", [["日", "時刻表の区分", "変更"], *changes]),
    ]
    periods = [
        f"時刻表の有効期間: {_day_text(row['feed_start_date'])}から{_day_text(row['feed_end_date'])}まで"
        for row in feed["feed_info"]
        if row.get("feed_start_date") and row.get("feed_end_date")
    ]
    return _write(f"{agencies} 時刻表".strip(), tables, periods)


def _day_text(text: str) -> str:
    return _moment_text(_moments([text])[0], is_whole_day=True)


def _service_days(feed: Feed) -> dict[str, str]:
    # Timetables of Sundays apply to holidays too where the feed adds them to such a service, day by day.
    added: dict[str, list[date]] = defaultdict(list)
    for row in feed["calendar_dates"]:
        if row["exception_type"] == "1":
            added[row["service_id"]] += [moment.date() for moment in _moments([row["date"]])]
    names = {}
    for row in feed["calendar"]:
        flags = "".join(row[column] for column in _DAY_COLUMNS)
        name = _DAY_NAMES.get(flags) or "・".join(day for day, flag in zip(WEEKDAYS, flags, strict=True) if flag == "1")
        extra = [day for day in added[row["service_id"]] if flags[day.weekday()] == "0" and jpholiday.is_holiday(day)]
        names[row["service_id"]] = f"{name}{'祝' if name == '土日' else '・祝'}" if name and extra else name
    for service_id in [row["service_id"] for table in ("trips", "calendar_dates") for row in feed[table]]:
        if not names.get(service_id):
            listed = "・".join(f"{day.month}月{day.day}日" for day in added[service_id][:_MOST_DAYS])
            more = "など" if len(added[service_id]) > _MOST_DAYS else ""
            names[service_id] = f"特定日（{listed}{more}）" if listed else service_id
    return names


def _timetable(feed: Feed, routes: Mapping[str, str], days: Mapping[str, str]) -> list[list[str]]:
    stops = {row["stop_id"]: row["stop_name"] for row in feed["stops"]}
    calls: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in feed["stop_times"]:
        calls[row["trip_id"]].append(row)
    times: dict[tuple[str, ...], set[tuple[int, int]]] = defaultdict(set)
    for trip in feed["trips"]:
        trip_calls = sorted(calls[trip["trip_id"]], key=lambda row: int(row["stop_sequence"]))
        for call in trip_calls[:-1]:  # nobody boards at the end
            time = re.match(r"(\d+):(\d\d)", call.get("departure_time") or call.get("arrival_time", ""))
            if time and call.get("pickup_type") != "1":
                end = call.get("stop_headsign") or trip.get("trip_headsign") or stops[trip_calls[-1]["stop_id"]]
                key = (stops[call["stop_id"]], routes[trip["route_id"]], end, days[trip["service_id"]])
                times[key].add((int(time[1]), int(time[2])))
    return [[*key, "、".join(f"{hour}:{minute:02}" for hour, minute in sorted(found))] for key, found in times.items()]
