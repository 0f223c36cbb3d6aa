from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.answering.languages import catalogue
from bot.channels.pages.referral import find_department
from bot.errors import ChangedMeanwhileError, DeskError, OfficeError
from bot.running.office.accent import accent_css
from bot.running.office.departments import Department, choose_department
from bot.running.office.office import read_office
from bot.running.service.document_state import DocumentState
from bot.running.storage.department_records import DepartmentRecords
from bot.running.storage.record_store import Store
from ingest.configuration.settings import Settings
from ingest.japanese.today import JAPAN
from tests.bot.fixed_service import DOCUMENT, StandIn

WASTE = Department("ごみ減量課", ("ごみ", "リサイクル", "粗大ごみの収集"), "076-000-0001", "月-金 9:00-17:00")
CHILDREN = Department("こども課", ("保育園", "児童手当"), "076-000-0002")
ANYTHING = Department("市民相談室", (), "076-000-0000")
ALL = (WASTE, CHILDREN, ANYTHING)


@pytest.fixture
def log() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def stored_departments(tmp_path: Path, log: list[tuple[str, str]]) -> Iterator[DepartmentRecords]:
    store = Store(f"sqlite:///{tmp_path}/records.sqlite")
    yield DepartmentRecords(store.engine, lambda by, what: log.append((by, what)))
    store.close()


@pytest.mark.parametrize(
    ("question", "headings", "chosen"),
    [
        ("ゴミはいつ出しますか", (), WASTE),  # however it is written
        ("粗大ゴミを収集する日は", (), WASTE),
        ("児童手当はいくらですか", ("ごみの出し方",), CHILDREN),  # what is asked counts before what lies near
        ("いくらかかりますか", ("第2章 窓口", "保育園の利用"), CHILDREN),
        ("保育園のごみの量は", (), CHILDREN),  # the longer subject
        ("図書館の休館日は", ("図書館",), ANYTHING),
        ("", (), ANYTHING),
    ],
)
def test_a_question_has_a_department(question: str, headings: tuple[str, ...], chosen: Department) -> None:
    assert choose_department(ALL, question, headings) == chosen


@pytest.mark.parametrize(
    ("question", "cited", "chosen"),
    [
        ("海辺市のごみはいつ出しますか", (), "海辺市ごみ課"),
        ("山辺町では、ごみはいつ出しますか", (), "全体窓口"),  # never the desk of another town
        ("ごみはいつ出しますか", ("umibe-1",), "海辺市ごみ課"),  # whose documents answer
        ("ごみはいつ出しますか", ("umibe-1", "yamabe-1"), "全体窓口"),
        ("ごみはいつ出しますか", (), "全体窓口"),  # which of the two is meant is not known
        ("図書館はどこ?", ("umibe-1",), "海辺市総合案内"),  # what is left over is for the town's own desk first
        ("谷中村のごみはいつ出しますか", (), "全体窓口"),  # a town that none of the documents is of
    ],
)
def test_the_department_belongs_to_the_town_of_the_question(question: str, cited: tuple[str, ...], chosen: str) -> None:
    service = StandIn()
    service.departments.listed = [
        Department("全体窓口", (), "076-000-0000"),
        Department("海辺市ごみ課", ("ごみ",), "076-000-0001", town="海辺市"),
        Department("海辺市総合案内", (), "076-000-0002", town="海辺市"),
    ]
    service.states = [
        DocumentState(replace(DOCUMENT, id="umibe-1", title="ごみの手引き", issuer="海辺市", supersedes=())),
        DocumentState(replace(DOCUMENT, id="yamabe-1", title="ごみの出し方", issuer="山辺町役場", supersedes=())),
    ]
    found = find_department(service, question, (), cited)
    assert found is not None
    assert found.name == chosen


def test_a_department_is_stored_changed_and_removed(stored_departments: DepartmentRecords) -> None:
    written = replace(WASTE, name=" ごみ減量課 ", telephone="０７６-000-0001", subjects=("ごみ", "", "ごみ"))
    first = stored_departments.save(written, "窓口 花子")
    assert first.name == "ごみ減量課"
    assert first.telephone == "076-000-0001"
    assert first.subjects == ("ごみ",)
    stored_departments.save(CHILDREN, "窓口 花子")
    changed = stored_departments.save(replace(first, telephone="076-000-0009"), "窓口 太郎")
    assert [(one.name, one.telephone, one.by) for one in stored_departments.all()] == [
        ("こども課", "076-000-0002", "窓口 花子"),
        ("ごみ減量課", "076-000-0009", "窓口 太郎"),
    ]
    stored_departments.remove(changed, "窓口 太郎")
    assert [one.name for one in stored_departments.all()] == ["こども課"]


def test_a_concurrent_change_is_not_overwritten(stored_departments: DepartmentRecords) -> None:
    first = stored_departments.save(WASTE, "窓口 花子")
    stored_departments.save(replace(first, link="https://town.example/waste"), "窓口 太郎")
    with pytest.raises(ChangedMeanwhileError, match="ほかの人"):
        stored_departments.save(replace(first, telephone="076-000-0009"), "窓口 花子")
    with pytest.raises(ChangedMeanwhileError, match="ほかの人"):
        stored_departments.remove(first, "窓口 花子")
    assert stored_departments.all()[0].link == "https://town.example/waste"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": " "}, "名前を書いて"),
        ({"name": "課" * 101}, "100文字まで"),
        ({"town": "市" * 41}, "40文字まで"),
        ({"telephone": ""}, "電話番号かリンク"),
        ({"telephone": "代表"}, "電話番号がありません"),
        ({"telephone": "1" * 61}, "60文字まで"),
        ({"subjects": ("、",)}, "比べられません"),
        ({"subjects": ("ごみ" * 21,)}, "40文字まで"),
        ({"link": "javascript:alert(1)"}, "https://"),
        ({"link": "https://[::"}, "https://"),
        ({"hours": "朝から"}, "受付時間の「朝から」"),
    ],
)
def test_an_invalid_department_is_not_stored(
    stored_departments: DepartmentRecords, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(DeskError, match=told):
        stored_departments.save(replace(WASTE, **change), "窓口 花子")
    assert stored_departments.all() == []


def test_a_department_has_opening_hours_like_the_office() -> None:
    help_now = WASTE.help_at(datetime(2026, 11, 21, 10, tzinfo=JAPAN))  # a Saturday
    assert help_now.contact == "ごみ減量課 076-000-0001"
    assert help_now.open is False
    assert "11月23日（月）9:00" in help_now.notice_in(catalogue()["further"])


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


def test_closed_office_notice_names_the_next_opening() -> None:
    office = read_office(Settings(_env_file=None, opening_hours=WRITTEN, contact="市民課 電話"))
    closed = office.help_at(datetime(2026, 11, 20, 18, 0, tzinfo=JAPAN))
    assert closed.notice_in(catalogue()["further"]) == (
        "ただいま受付時間の外です。受付時間は月〜金 8:30〜17:15（祝日・12/29〜1/3は休み）です。"
        "次は11月24日（火）8:30からです。"
    )
    assert closed.contact == "市民課 電話"
    assert closed.hours_in(catalogue()["further"]) == "月〜金 8:30〜17:15（祝日・12/29〜1/3は休み）"
    assert office.help_at(datetime(2026, 11, 20, 12, 0, tzinfo=JAPAN)).notice_in(catalogue()["further"]) == ""
    assert closed.notice_in(catalogue("vi")["further"]) == (
        "Hiện ngoài giờ làm việc. Giờ làm việc: T2–T6 8:30〜17:15 (nghỉ: ngày lễ, 29/12–3/1). "
        "Mở cửa lại: T3 24/11 lúc 8:30."
    )


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


@pytest.mark.parametrize("colour", ["#7fb3d5", "#c0392b", "#ffffff"])
def test_a_colour_too_pale_to_read_on_light_pages_is_refused(colour: str) -> None:
    with pytest.raises(OfficeError, match="もっと濃い色"):
        read_office(Settings(_env_file=None, accent_color=colour))


def test_the_configured_colour_is_used_on_light_pages() -> None:
    assert read_office(Settings(_env_file=None, accent_color="#0B6E4F")).accent == "#0B6E4F"
    assert accent_css("#0B6E4F").startswith("html:root{--accent:light-dark(#0B6E4F,")


@pytest.mark.parametrize("written", ["red", "#12345", "#1234567", "1d4f7c", "#12345g", "</style>"])
def test_what_is_no_colour_is_refused(written: str) -> None:
    with pytest.raises(OfficeError, match="#1d4f7c の形"):
        accent_css(written)


def origins(written: str | None) -> tuple[str, ...]:
    return read_office(Settings(_env_file=None, embed_origins=written)).embed_origins


@pytest.mark.parametrize(
    "written",
    [
        "*",
        "https://*.example.jp",
        "www.city.example.jp",
        "https://www.city.example.jp/page",
        "https://www.city.example.jp?x",
        "https://user@www.city.example.jp",
        "javascript:alert(1)",
        "https://a.example;script-src",
        "'self'",
        "null",
        "https://",
    ],
)
def test_an_invalid_origin_is_refused(written: str) -> None:
    with pytest.raises(OfficeError, match="のように書いてください"):
        origins(f"https://a.example {written}")
