"""Tests of calendars, places, bus timetables, official columns, and formats that are not read."""

import csv
import io
import json
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from time import process_time

import pytest

from ingest.errors import UnreadableDocumentError
from ingest.readers import read_source
from tests.ingest.readers.part_lines import read_part_lines

WEEK = "monday,tuesday,wednesday,thursday,friday,saturday,sunday"
FEED = {
    "agency": ["agency_name", "楓町"],
    "stops": ["stop_id,stop_name", "a,楓駅", "b,役場前", "c,総合病院"],
    "routes": ["route_id,route_short_name,route_long_name", "1,,東部線"],
    "trips": ["route_id,service_id,trip_id,trip_headsign", "1,wd,t1,", "1,wd,t2,", "1,we,t3,", "1,ny,t4,"],
    "stop_times": [
        "trip_id,departure_time,stop_id,stop_sequence",
        *("t1,07:05:00,a,1", "t1,07:10:00,b,2", "t1,07:20:00,c,10"),
        *(
            line
            for n, hour in ((2, 18), (3, 9), (4, 25))
            for line in (f"t{n},{hour}:00:00,a,1", f"t{n},{hour}:20:00,c,2")
        ),
    ],
    "calendar": [f"service_id,{WEEK}", "wd,1,1,1,1,1,0,0", "we,0,0,0,0,0,1,1"],
    "calendar_dates": ["service_id,date,exception_type", "we,20270111,1", "wd,20270111,2", "ny,20270101,1"],
    "fare_attributes": ["fare_id,price", "f,200.0"],
    "fare_rules": ["fare_id,route_id", "f,1"],
    "feed_info": ["feed_start_date,feed_end_date", "20260401,20270331"],
}
CALENDAR = """BEGIN:VCALENDAR
X-WR-CALNAME:楓町の行事
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261206
DTEND;VALUE=DATE:20261208
SUMMARY:冬まつり
DESCRIPTION:屋台\\, 花火
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;TZID=Asia/Tokyo:20200107T100000
DTEND;TZID=Asia/Tokyo:20200107T113000
RRULE:FREQ=MONTHLY;BYDAY=1TU;UNTIL=20270331T150000Z
EXDATE;TZID=Asia/Tokyo:20270105T100000
SUMMARY:育児相談
LOCATION:保健セ
 ンター
END:VEVENT
BEGIN:VEVENT
UID:2
RECURRENCE-ID;TZID=Asia/Tokyo:20270202T100000
DTSTART;TZID=Asia/Tokyo:20270203T100000
SUMMARY:育児相談（日程変更）
END:VEVENT
BEGIN:VEVENT
DTSTART:20261210T010000Z
STATUS:CANCELLED
SUMMARY:寄席
END:VEVENT
END:VCALENDAR
"""


def rows(path: Path) -> list[list[str]]:
    lines = [line.text for line in read_part_lines(path)]
    return [line[2:-2].split(" | ") for line in lines if line.startswith("|") and "---" not in line]


def feed(path: Path, tables: Mapping[str, Sequence[str]]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, lines in tables.items():
            archive.writestr(f"{name}.txt", "\ufeff" + "\n".join(lines))
    return path


def test_a_calendar_lists_events_in_order_with_the_days_of_a_series(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.readers.open_data.today", lambda: date(2026, 11, 27))
    path = tmp_path / "events.ics"
    path.write_text(CALENDAR.replace("\n", "\r\n"), "utf-8")
    assert read_source(path).title == "楓町の行事"
    assert [row[:3] for row in rows(path)[1:]] == [
        ["育児相談", "2026年12月1日（火）10:00", "11:30"],
        ["冬まつり", "2026年12月6日（日）", "2026年12月7日（月）"],
        ["【中止】寄席", "2026年12月10日（木）10:00", ""],
        ["育児相談（日程変更）", "2027年2月3日（水）10:00", ""],
        ["育児相談", "2027年3月2日（火）10:00", "11:30"],
    ]
    assert rows(path)[1][3:] == ["保健センター", "", "毎月第1火曜日"]
    assert rows(path)[2][3:5] == ["", "屋台, 花火"]


MANY = ",".join(map(str, range(60)))
SERIES = {
    "every second": f"DTSTART:20000101T000000\nRRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5;BYMINUTE={MANY};BYSECOND={MANY}",
    "by the second": "DTSTART:19000101T000000\nRRULE:FREQ=SECONDLY",
    "an interval of 0": "DTSTART:20260101T000000\nRRULE:FREQ=WEEKLY;INTERVAL=0",
    "many days": "DTSTART:20261201T000000\nRDATE:" + ",".join(f"{n}0101T090000" for n in range(2027, 2100)),
}  # fmt: skip
EMPTY_SERIES = {
    "no such day": "DTSTART:20261201T000000\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "no such day, counted": "DTSTART:20261201T000000\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=5",
    "a long number": f"DTSTART:20261201T000000\nRRULE:FREQ=MONTHLY;INTERVAL={'9' * 6000};BYDAY={'9' * 6000}MO",
    "the last day of all": "DTSTART;VALUE=DATE:99991231\nRRULE:FREQ=DAILY",
}


def write_events(path: Path, events: Mapping[str, str]) -> Path:
    texts = (f"BEGIN:VEVENT\nSUMMARY:{name}\n{text}\nEND:VEVENT\n" for name, text in events.items())
    path.write_text(f"BEGIN:VCALENDAR\n{''.join(texts)}END:VCALENDAR\n", "utf-8")
    return path


def test_a_calendar_names_the_events_whose_days_are_too_many(tmp_path: Path) -> None:
    begun = process_time()
    path = write_events(tmp_path / "events.ics", SERIES | EMPTY_SERIES)
    assert {row[0] for row in rows(path)[1:]} == {*SERIES, *EMPTY_SERIES}
    note = next(line.text for line in read_part_lines(path) if "多すぎて" in line.text)
    assert note.rpartition(": ")[2].split("、") == [*SERIES]
    assert process_time() - begun < 3


def test_old_and_many_series_are_expanded_in_bounded_time(tmp_path: Path) -> None:
    begun = process_time()
    daily = {f"行事{n}": "DTSTART:00010101T090000\nRRULE:FREQ=DAILY;INTERVAL=3" for n in range(600)}
    path = write_events(tmp_path / "events.ics", {"冬まつり": "DTSTART;VALUE=DATE:20261206"} | daily)
    listed = Counter(row[0] for row in rows(path)[1:])
    assert listed["冬まつり"] == 1
    assert listed["行事0"] == 60
    assert len(listed) == 601
    assert process_time() - begun < 12


def test_a_bus_feed_is_one_document_with_a_timetable_by_stop(tmp_path: Path) -> None:
    path = feed(tmp_path / "bus.zip", FEED)
    assert read_source(path).title == "楓町 時刻表"
    table = rows(path)
    assert table[:5] == [
        ["停留所", "路線", "行き先", "運行日", "発車時刻"],
        ["楓駅", "東部線", "総合病院", "平日", "7:05、18:00"],
        ["役場前", "東部線", "総合病院", "平日", "7:10"],
        ["楓駅", "東部線", "総合病院", "土日祝", "9:00"],
        ["楓駅", "東部線", "総合病院", "特定日（1月1日）", "25:00"],
    ]
    assert ["東部線", "200円"] in table
    assert ["2027年1月11日（月）", "平日", "運休"] in table
    assert "時刻表の有効期間: 2026年4月1日（水）から2027年3月31日（水）まで" in [
        line.text for line in read_part_lines(path)
    ]


def test_the_properties_of_places_are_rows(tmp_path: Path) -> None:
    path = tmp_path / "aed.geojson"
    properties = [
        {"ID": "01", "全国地方公共団体コード": "9", "名称": "役場", "小児対応": True},
        {"名称": "体育館"},
        None,
    ]
    features = [{"type": "Feature", "properties": one, "geometry": None} for one in properties]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    assert rows(path)[:3] == [
        ["名称", "小児対応", "ID", "全国地方公共団体コード"],
        ["役場", "はい", "01", "9"],
        ["体育館", "", "", ""],
    ]


def test_the_name_comes_first_in_a_table_with_the_official_columns(tmp_path: Path) -> None:
    path = tmp_path / "facilities.csv"
    heads = ["全国地方公共団体コード", "ID", "名称", "名称_カナ", "電話番号", "緯度"]
    for changed, expected in ((heads, ["名称", "電話番号", *heads[:2], "名称_カナ", "緯度"]), (heads[1:], heads[1:])):
        table = io.StringIO()
        csv.writer(table).writerows([changed, changed])
        path.write_text(table.getvalue(), "utf-8")
        assert rows(path) == [expected, expected]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.ics", "ただの文", "iCalendar として読めません"),
        ("a.geojson", '{"type": "Point"}', "GeoJSON として読めません"),
        ("計画.jtd", "x", "一太郎で開き、PDF"),
        ("計画.xdw", "x", "DocuWorks で開き、PDF"),
        ("連絡.eml", "x", "メールソフトで開き"),
        ("表.json", "{}", "CSV に"),
        ("議事.gdoc", "{}", "Google ドライブの「ダウンロード」"),
        ("不明.foo", "x", r"読める形式は \.csv"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_to_do(name: str, content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(content, "utf-8")
    with pytest.raises(UnreadableDocumentError, match=f"^{name}: .*{message}"):
        read_part_lines(path)


@pytest.mark.parametrize("table", ["trips", "stop_times", "calendar", "fare_attributes"])
def test_a_damaged_feed_is_refused(table: str, tmp_path: Path) -> None:
    damaged = feed(tmp_path / "bus.zip", FEED | {table: ["service_id,trip_id", "x"]})
    with pytest.raises(UnreadableDocumentError, match=r"bus\.zip: GTFS として読めません"):
        read_part_lines(damaged)
