"""Tests of the list of departments and of the one responsible for a question."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.errors import ChangedMeanwhileError, DepartmentError
from bot.office import Department, choose_department
from bot.pages.referral import Referral
from bot.runtime.document_state import DocumentState
from bot.storage.department_records import DepartmentRecords
from bot.storage.record_store import Store
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


def test_no_department_is_named_without_a_default() -> None:
    assert choose_department((WASTE, CHILDREN), "図書館の休館日は") is None
    assert choose_department((), "図書館の休館日は") is None


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
    found = Referral(service).department(question, (), cited)
    assert found is not None
    assert found.name == chosen


def test_an_index_of_one_issuer_uses_its_departments() -> None:
    service = StandIn()
    service.departments.listed = [replace(WASTE, town="市"), replace(CHILDREN, town="町")]
    assert Referral(service).department("ゴミはいつ出しますか") == replace(WASTE, town="市")
    assert Referral(service).department("児童手当はいくらですか") is None


def test_each_change_is_in_the_audit_log(stored_departments: DepartmentRecords, log: list[tuple[str, str]]) -> None:
    first = stored_departments.save(CHILDREN, "窓口 花子")
    changed = stored_departments.save(replace(first, telephone="076-000-0009", town="海辺市"), "窓口 太郎")
    stored_departments.remove(changed, "窓口 次郎")
    assert [by for by, _ in log] == ["窓口 花子", "窓口 太郎", "窓口 次郎"]
    added, mended, removed = (what for _, what in log)
    assert added.startswith("「こども課」を加えました（")
    assert "担当すること: （なし） → 保育園・児童手当" in added
    assert mended == "「こども課」を直しました（市町村: （なし） → 海辺市、電話: 076-000-0002 → 076-000-0009）"
    assert removed.startswith("「こども課」を外しました（")
    assert "電話: 076-000-0009 → （なし）" in removed


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
    with pytest.raises(DepartmentError, match=told):
        stored_departments.save(replace(WASTE, **change), "窓口 花子")
    assert stored_departments.all() == []


def test_a_department_has_opening_hours_like_the_office() -> None:
    help_now = WASTE.help_at(datetime(2026, 11, 21, 10, tzinfo=JAPAN))  # a Saturday
    assert help_now.contact == "ごみ減量課 076-000-0001"
    assert help_now.open is False
    assert "11月23日（月）9:00" in help_now.notice
