"""Which documents a question is about, and on which day."""

from dataclasses import replace
from datetime import date

import pytest

from bot.understand.question import understand
from bot.understand.scope import Scope, Scopes
from ingest.documents import Document, Period

OLD = Document(
    "plan-1", "星見市環境プラン", "plan-1.md", "plan", "星見市", "2021-03", Period(date(2021, 4, 1), date(2025, 3, 31))
)
NEW = Document(
    "plan-2",
    "星見市環境プラン2.0",
    "plan-2.md",
    "plan",
    "星見市",
    "2025-02",
    Period(date(2025, 4, 1), date(2029, 3, 31)),
    ("plan-1",),
    ("プラン2.0", "2.0"),
)
NEXT = Document(
    "plan-3",
    "星見市環境プラン3.0",
    "plan-3.md",
    "plan",
    "星見市",
    "2029-02",
    Period(date(2029, 4, 1), date(2033, 3, 31)),
    ("plan-2",),
)
MEETING = Document(
    "meeting",
    "令和6年度 第2回 星見市環境会議 資料",
    "meeting.md",
    "meeting",
    "星見市",
    "2025-02-14",
    aliases=("環境会議",),
)
DOCUMENTS = (OLD, NEW, NEXT, MEETING)
TODAY = date(2026, 6, 1)


def scope(text: str, as_of: date = TODAY) -> Scope:
    return Scopes(DOCUMENTS)(understand(text), as_of)


NAMED = [
    ("星見市環境プラン2.0の期間は", {"plan-2"}),
    ("環境プラン2.0の期間は", {"plan-2"}),
    ("プラン2.0の期間は", {"plan-2"}),
    ("2.0の期間は", {"plan-2"}),
    ("環境 プラン ２．０ の期間は", {"plan-2"}),
    ("令和6年度 第2回 星見市環境会議の資料では", {"meeting"}),
    ("環境会議では何が決まりましたか", {"meeting"}),
    ("プラン2.0と環境会議の資料では", {"plan-2", "meeting"}),
    ("期間はいつまで", set()),
    ("12.0の値は", set()),
    ("2.05の値は", set()),
    ("v2.0の機能は", set()),
]


@pytest.mark.parametrize(("text", "named"), NAMED)
def test_a_document_is_named_by_its_title_or_alias(text: str, named: set[str]) -> None:
    """With or without the issuer, spaces and 資料, in any width, but not inside another number."""
    assert scope(text).named == named


@pytest.mark.parametrize(("text", "named"), [row for row in NAMED if row[1]])
def test_only_the_named_documents_may_answer(text: str, named: set[str]) -> None:
    """What a question names answers it, also after it was replaced."""
    assert scope(text).allowed == named
    assert scope(text, date(2030, 1, 1)).allowed == named


def test_a_name_that_is_a_part_of_others_settles_nothing() -> None:
    """環境プラン is what all plans of the family are called: each that is known may answer."""
    found = scope("星見市環境プランの期間は")
    assert found.named == frozenset()
    assert found.allowed == {"plan-1", "plan-2", "meeting"}


def test_the_spelling_that_names_a_document_is_told() -> None:
    """What only names a document is no word that a passage must have."""
    assert "星見市環境プラン2.0" in scope("星見市環境プラン2.0の期間は").consumed


def test_the_longest_name_wins_its_place() -> None:
    """環境プラン2.0 is not also an occurrence of 環境プラン."""
    assert "星見市環境プラン" not in scope("環境プラン2.0の期間は").consumed


PREFERRED = [
    ("期間はいつまで", TODAY, {"plan-2", "meeting"}),
    ("期間はいつまで", date(2023, 5, 1), {"plan-1"}),
    ("期間はいつまで", date(2025, 3, 1), {"plan-1", "meeting"}),
    ("期間はいつまで", date(2029, 5, 1), {"plan-3", "meeting"}),
    ("今のプランの期間は", TODAY, {"plan-2", "meeting"}),
    ("前のプランの期間は", TODAY, {"plan-1"}),
    ("旧計画の期間は", date(2029, 5, 1), {"plan-1", "plan-2"}),
]


@pytest.mark.parametrize(("text", "as_of", "preferred"), PREFERRED)
def test_documents_in_force_come_first_or_the_older_where_they_are_meant(
    text: str, as_of: date, preferred: set[str]
) -> None:
    """Without an age the plan in force on the day is meant, with 前 and 旧 those that it replaced."""
    assert scope(text, as_of).preferred == preferred


@pytest.mark.parametrize(
    ("as_of", "allowed"),
    [
        (date(2023, 5, 1), {"plan-1"}),
        (date(2025, 3, 1), {"plan-1", "plan-2", "meeting"}),
        (TODAY, {"plan-1", "plan-2", "meeting"}),
        (date(2029, 5, 1), {"plan-1", "plan-2", "plan-3", "meeting"}),
    ],
)
def test_what_is_not_published_yet_does_not_answer(as_of: date, allowed: set[str]) -> None:
    """On a day only documents that had come out by then may speak."""
    assert scope("期間はいつまで", as_of).allowed == allowed


AS_OF = [
    ("2023年度に有効だったプランの期間は", date(2023, 4, 1)),
    ("令和5年10月時点のプランは", date(2023, 10, 1)),
    ("2030年現在の計画の理念は", date(2030, 1, 1)),
    ("平成30年の当時の計画は", date(2018, 1, 1)),
    ("2023年度の実績は", TODAY),
    ("期間は", TODAY),
]


@pytest.mark.parametrize(("text", "as_of"), AS_OF)
def test_a_question_may_say_for_which_day_it_is_meant(text: str, as_of: date) -> None:
    """A date with 有効, 時点, 現在 or 当時 moves the day; a date beside a figure does not."""
    assert scope(text).as_of == as_of


def test_the_day_in_the_question_tells_the_plan() -> None:
    """The plan in force on the day that is said is the one that is meant."""
    found = scope("2023年度に有効だったプランの期間は")
    assert found.preferred == {"plan-1"}


def test_a_date_that_told_the_day_need_not_stand_in_the_passage() -> None:
    """It is used up, a date beside a figure is not."""
    assert [m.key for m in scope("2023年度に有効だったプランの2024年度の実績は").used_dates] == ["2023年度"]


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("2021年にできたプランの期間は", {"plan-1"}),
        ("令和7年に策定されたほうの計画の期間は", {"plan-2"}),
        ("2025年度から始まる計画の期間は", {"plan-2"}),
        ("2025年2月に公表された資料の内容は", {"plan-2", "meeting"}),
    ],
)
def test_a_document_may_be_named_by_the_year_of_its_making(text: str, allowed: set[str]) -> None:
    """2021年にできたプラン is the one that was published in that year, replaced or not."""
    found = scope(text)
    assert found.allowed == allowed
    assert len(found.used_dates) == 1


def test_two_documents_are_set_side_by_side() -> None:
    """前のプランと今のプラン brings the older ones in beside those in force."""
    found = scope("前のプランと今のプランの違いは")
    assert {"plan-1", "plan-2"} <= found.compared <= found.allowed


def test_a_named_document_is_compared_with_the_one_before() -> None:
    """2.0 and 前のプラン are two, though only one has a name."""
    found = scope("プラン2.0は前のプランとどう違いますか")
    assert {"plan-1", "plan-2"} <= found.compared <= found.allowed


def test_without_an_age_nothing_is_compared() -> None:
    """A question about one thing has no other side."""
    assert scope("プラン2.0の期間は").compared == frozenset()


def test_before_anything_was_published_all_may_answer() -> None:
    """A day before the first document leaves the choice to the words of the question."""
    assert scope("期間は", date(2010, 1, 1)).allowed == {d.id for d in DOCUMENTS}


def test_no_documents_give_an_empty_scope() -> None:
    """An empty corpus allows nothing."""
    found = Scopes(())(understand("プランの期間は"), TODAY)
    assert found.allowed == found.preferred == found.named == frozenset()


def test_the_next_plan_is_the_one_published_and_not_yet_begun() -> None:
    """Before its first day it is the next; before its publication and once it has begun there is none."""
    assert scope("次のプランの期間は", date(2025, 3, 1)).allowed == {"plan-2"}
    assert scope("次のプランの期間は", date(2025, 6, 1)).allowed == frozenset()


def test_a_plan_to_come_is_no_earlier_one() -> None:
    """Who asks for the plan before does not get the one that has not begun."""
    assert scope("前のプランの期間は", date(2029, 3, 1)).preferred == {"plan-1"}


GOVERNING = [
    ("令和4年度の利用料は", {"plan-1"}),
    ("2027年度の利用料は", {"plan-2"}),
    ("2025年の利用料は", {"plan-1", "plan-2"}),
    ("2050年度の利用料は", set()),
    ("利用料は", set()),
]


@pytest.mark.parametrize(("text", "ids"), GOVERNING)
def test_the_plans_in_force_at_the_times_of_a_question(text: str, ids: set[str]) -> None:
    """In the fiscal year that is named; in a calendar year of change both."""
    assert scope(text).governing == ids


def test_an_older_plan_that_is_called_so_and_named_is_meant_alone() -> None:
    """前のみどり計画 is that one; compared with the one now, both are."""
    scopes = Scopes((replace(OLD, title="星見市みどり計画"), NEW))
    assert scopes(understand("前のみどり計画では、補助はいくら"), TODAY).allowed == {"plan-1"}
    assert scopes(understand("前のみどり計画と今のプランの違いは"), TODAY).allowed == {"plan-1", "plan-2"}


@pytest.mark.parametrize(
    ("text", "older"),
    [
        ("高齢者向けの対策はいまの計画にありますか", False),
        ("現行の計画で緑化はどうなっていますか", False),
        ("いまの緑化の対策は", True),
        ("いまの計画は前の計画と何が違いますか", True),
    ],
)
def test_who_asks_of_the_plan_in_force_is_told_nothing_of_an_older_one(text: str, *, older: bool) -> None:
    """Minutes and papers without a period may still answer; so may the older plan where the two are compared."""
    allowed = scope(text).allowed
    assert ("plan-1" in allowed) is older
    assert {"plan-2", "meeting"} <= allowed
