"""Amendments of an ordinance are consolidated day by day."""

from datetime import date

import pytest

from tests.ingest.amendments.invented_ordinance import FIRST, SECOND, consolidate

REPEAL = """令和9年3月20日若葉市条例第2号
若葉市立図書館条例は、廃止する。
附　則
この条例は、令和9年4月1日から施行する。"""
APRIL, OCTOBER = date(2026, 4, 1), date(2026, 10, 1)


@pytest.mark.parametrize("amendments", [(FIRST, SECOND), (SECOND, FIRST)], ids=["in order", "later one first"])
@pytest.mark.parametrize(
    ("day", "limit", "has_article_4"),
    [
        pytest.param(date(2026, 3, 31), "5冊", True, id="day before the first"),
        pytest.param(APRIL, "7冊", True, id="day of the first"),
        pytest.param(date(2026, 9, 30), "7冊", True, id="day before the second"),
        pytest.param(OCTOBER, "10冊", False, id="day of the second"),
    ],
)
def test_the_text_of_a_day_has_the_amendments_in_effect(
    amendments: tuple[str, ...], day: date, limit: str, *, has_article_4: bool
) -> None:
    content = consolidate(*amendments).on(day).content
    assert f"1人{limit}まで" in content
    assert ("第4条" in content) is has_article_4


@pytest.mark.parametrize(
    ("amendments", "reasons"),
    [
        pytest.param((FIRST, SECOND), ["", "", ""], id="all applied"),
        pytest.param((SECOND,), ["第3条第1項に「7冊」という文言がありません", ""], id="amends words that are missing"),
        pytest.param(
            (FIRST, FIRST),
            ["同じ日に施行される別の改正と重なり、どちらが先か文書から分かりません"] * 2,
            id="same day and number",
        ),
        pytest.param(
            (FIRST.replace("令和8年4月1日", "規則で定める日"),),
            ["施行の日は、規則などで別に定めるため分かりません"],
            id="day left to a rule",
        ),
        pytest.param(
            (FIRST.replace("「5冊」を「7冊」に", "別に定める数に"),),
            ["改正文の形を読み取れません"],
            id="unread sentence",
        ),
        pytest.param(
            (FIRST.replace("第3条第1項中「5冊」を「7冊」に改める。", "第3条を第5条とし、第9条を第10条とする。"),),
            ["同じ文の別の改正を当てはめられないため、当てはめていません", "第9条がありません"],
            id="moves of one sentence together",
        ),
    ],
)
def test_each_operation_is_applied_or_has_a_reason(amendments: tuple[str, ...], reasons: list[str]) -> None:
    assert [result.reason for result in consolidate(*amendments).results] == reasons


def test_a_repeal_is_in_effect_from_its_day_on() -> None:
    consolidation = consolidate(REPEAL)
    assert consolidation.find_repeal(date(2027, 3, 31)) is None
    assert consolidation.find_repeal(date(2027, 4, 1)) is not None
    assert consolidation.on(date(2027, 4, 1)).children == ()
