"""Tests of opening hours and of the notices about them."""

from datetime import UTC, datetime

import pytest

from bot.errors import OfficeError
from bot.office import read_office
from ingest.configuration.settings import Settings
from ingest.japanese.today import JAPAN

WRITTEN = "月-金 8:30-17:15、休 祝日 12/29-1/3"


def office_open(written: str, moment: str) -> bool | None:
    office = read_office(Settings(_env_file=None, opening_hours=written))
    return office.help_at(datetime.fromisoformat(moment).replace(tzinfo=JAPAN)).open


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-20 08:29", False),
        ("2026-11-20 08:30", True),
        ("2026-11-20 17:14", True),
        ("2026-11-20 17:15", False),
        ("2026-11-21 10:00", False),  # Saturday
        ("2026-11-23 10:00", False),  # 勤労感謝の日
        ("2026-05-06 10:00", False),  # 振替休日
        ("2026-12-29 10:00", False),
        ("2027-01-01 10:00", False),
        ("2027-01-04 10:00", True),
    ],
)
def test_the_office_is_open_only_within_its_hours(moment: str, *, is_open: bool) -> None:
    assert office_open(WRITTEN, moment) is is_open


@pytest.mark.parametrize(
    "written",
    [
        WRITTEN,
        "平日　８：３０～１７：１５　休み　祝日、１２／２９～１／３",
        "月火水木金 8:30-17:15; 休 12/29-1/3, 祝日",
        "月・火・水 8:30〜17:15、木-金 8:30-12:00 12:00-17:15 休 祝日 12/29-12/31 1/1 1/2 1/3",
    ],
)
def test_hours_may_be_written_in_several_ways(written: str) -> None:
    moments = ("2026-11-20 08:30", "2026-11-20 12:00", "2026-11-20 17:15", "2026-11-23 10:00", "2026-12-30 10:00")
    assert [office_open(written, at) for at in moments] == [True, True, False, False, False]


def test_the_clock_of_the_server_does_not_matter() -> None:
    office = read_office(Settings(_env_file=None, opening_hours=WRITTEN))
    assert office.help_at(datetime(2026, 11, 19, 23, 30, tzinfo=UTC)).open
    assert not office.help_at(datetime(2026, 11, 20, 8, 15, tzinfo=UTC)).open


def test_closed_office_notice_names_the_next_opening() -> None:
    office = read_office(Settings(_env_file=None, opening_hours=WRITTEN, contact="市民課 電話"))
    closed = office.help_at(datetime(2026, 11, 20, 18, 0, tzinfo=JAPAN))
    assert closed.notice == (
        "ただいま受付時間の外です。受付時間は月〜金 8:30〜17:15（祝日・12/29〜1/3は休み）です。"
        "次は11月24日（火）8:30からです。"
    )
    assert closed.contact == "市民課 電話"
    assert closed.hours == "月〜金 8:30〜17:15（祝日・12/29〜1/3は休み）"
    assert office.help_at(datetime(2026, 11, 20, 12, 0, tzinfo=JAPAN)).notice == ""


def test_the_configured_closing_notice_is_used() -> None:
    office = read_office(Settings(_env_file=None, opening_hours=WRITTEN, closed_text="夜間は守衛室へどうぞ。"))
    assert office.help_at(datetime(2026, 11, 20, 18, 0, tzinfo=JAPAN)).notice == "夜間は守衛室へどうぞ。"


def test_without_hours_there_is_no_notice() -> None:
    told = read_office(Settings(_env_file=None, contact="市民課")).help_at(datetime.now(UTC))
    assert told.contact == "市民課"
    assert told.hours == ""
    assert told.open is None
    assert told.notice == ""


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("8:30-17:15", "8:30-17:15"),
        ("月-金", "月-金"),
        ("月-金 8時-17時", "8時-17時"),
        ("月 17:00-9:00", "17:00-9:00"),
        ("月 9:00-24:30", "9:00-24:30"),
        ("月 9:60-10:00", "9:60-10:00"),
        ("月 9:00-12:00、平日 11:00-15:00", "9:00〜12:00 11:00〜15:00"),
        ("月 9:00-10:00、休 2/30", "2/30"),
        ("月 9:00-10:00、休 年末", "年末"),
        ("休 祝日", "休 祝日"),
        ("、", ""),
    ],
)
def test_hours_that_cannot_be_read_are_refused_with_the_part(written: str, part: str) -> None:
    with pytest.raises(OfficeError) as refused:
        read_office(Settings(_env_file=None, opening_hours=written))
    assert f"SHIRUBE_OPENING_HOURS の「{part}」を読めません" in str(refused.value)
    assert "月-金 8:30-17:15" in str(refused.value)


def test_a_closing_notice_requires_hours() -> None:
    with pytest.raises(OfficeError, match="SHIRUBE_OPENING_HOURS"):
        read_office(Settings(_env_file=None, closed_text="閉まっています。"))
