"""Whom to call about what: the departments as staff keep them, and the one that a question is for."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.days import JAPAN
from bot.errors import ChangedMeanwhileError, DepartmentError
from bot.office import Department, choose
from bot.records.departments import DepartmentRecords
from bot.records.store import Store

WASTE = Department("ごみ減量課", ("ごみ", "リサイクル", "粗大ごみの収集"), "076-000-0001", "月-金 9:00-17:00")
CHILDREN = Department("こども課", ("保育園", "児童手当"), "076-000-0002")
ANYTHING = Department("市民相談室", (), "076-000-0000")
ALL = (WASTE, CHILDREN, ANYTHING)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[DepartmentRecords]:
    store = Store(f"sqlite:///{tmp_path}/records.sqlite")
    yield DepartmentRecords(store.engine)
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
def test_a_question_has_its_department(question: str, headings: tuple[str, ...], chosen: Department) -> None:
    """It is that of a subject in the question, else in the headings near to it, else the one for whatever is left."""
    assert choose(ALL, question, headings) == chosen


def test_without_one_for_the_rest_nobody_is_named() -> None:
    """A wrong number is worse than none."""
    assert choose((WASTE, CHILDREN), "図書館の休館日は") is None
    assert choose((), "図書館の休館日は") is None


def test_a_department_is_kept_changed_and_taken_out(kept: DepartmentRecords) -> None:
    """In normal form, by name, with who did it."""
    written = replace(WASTE, name=" ごみ減量課 ", telephone="０７６-000-0001", subjects=("ごみ", "", "ごみ"))
    first = kept.save(written, "窓口 花子")
    assert (first.name, first.telephone, first.subjects) == ("ごみ減量課", "076-000-0001", ("ごみ",))
    kept.save(CHILDREN, "窓口 花子")
    changed = kept.save(replace(first, telephone="076-000-0009"), "窓口 太郎")
    assert [(one.name, one.telephone, one.by) for one in kept.all()] == [
        ("こども課", "076-000-0002", "窓口 花子"),
        ("ごみ減量課", "076-000-0009", "窓口 太郎"),
    ]
    kept.remove(changed)
    assert [one.name for one in kept.all()] == ["こども課"]


def test_what_somebody_else_has_changed_is_not_overwritten(kept: DepartmentRecords) -> None:
    """Who read an older version is told, whether they change or take out."""
    first = kept.save(WASTE, "窓口 花子")
    kept.save(replace(first, link="https://town.example/waste"), "窓口 太郎")
    with pytest.raises(ChangedMeanwhileError, match="ほかの人"):
        kept.save(replace(first, telephone="076-000-0009"), "窓口 花子")
    with pytest.raises(ChangedMeanwhileError, match="ほかの人"):
        kept.remove(first)
    assert kept.all()[0].link == "https://town.example/waste"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": " "}, "名前を書いて"),
        ({"name": "課" * 101}, "100文字まで"),
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
def test_what_could_not_be_shown_is_not_kept(kept: DepartmentRecords, change: dict[str, Any], told: str) -> None:
    """Staff are told what is wrong with it."""
    with pytest.raises(DepartmentError, match=told):
        kept.save(replace(WASTE, **change), "窓口 花子")
    assert kept.all() == []


def test_its_hours_are_told_as_those_of_the_office() -> None:
    """Outside of them it is told when somebody is there again."""
    help_now = WASTE.help_at(datetime(2026, 11, 21, 10, tzinfo=JAPAN))  # a Saturday
    assert help_now.contact == "ごみ減量課 076-000-0001"
    assert help_now.open is False
    assert "11月23日（月）9:00" in help_now.notice
