"""Tests of calendars, places, official columns, and formats that are not read."""

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest

from ingest.errors import UnreadableDocumentError
from ingest.readers import read_source
from tests.ingest.readers.part_lines import read_part_lines

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
