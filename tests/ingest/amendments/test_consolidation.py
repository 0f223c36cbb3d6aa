"""Amendments of an ordinance are consolidated day by day."""

from datetime import date

import pytest

from ingest.amendments.consolidation import Consolidation, Consolidations
from ingest.amendments.history import changed_words, state_on
from ingest.documents import Document
from tests.ingest.amendments.invented_ordinance import ORDINANCE, lines_of

TITLE = "若葉市立図書館条例"
FIRST = """令和8年3月20日若葉市条例第5号
若葉市立図書館条例の一部を次のように改正する。
第3条第1項中「5冊」を「7冊」に改める。
附　則
この条例は、令和8年4月1日から施行する。"""
SECOND = """令和8年9月18日若葉市条例第21号
若葉市立図書館条例の一部を次のように改正する。
第3条第1項中「7冊」を「10冊」に改める。
第4条を削る。
附　則
この条例は、令和8年10月1日から施行する。"""
REPEAL = """令和9年3月20日若葉市条例第2号
若葉市立図書館条例は、廃止する。
附　則
この条例は、令和9年4月1日から施行する。"""
APRIL, OCTOBER = date(2026, 4, 1), date(2026, 10, 1)


def consolidate(*amendments: str) -> Consolidation:
    """Return the ordinance with amending documents."""
    texts = {"base": ORDINANCE} | {f"amendment{n}": text for n, text in enumerate(amendments, 1)}
    documents = [
        Document(
            name,
            TITLE if name == "base" else f"{TITLE}の一部を改正する条例",
            f"{name}.md",
            amends=("base",) * (name != "base"),
        )
        for name in texts
    ]
    consolidation = Consolidations(documents, lambda doc_id: lines_of(texts[doc_id])).find("base")
    assert consolidation is not None
    return consolidation


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


@pytest.mark.parametrize(
    ("day", "earlier", "has_upcoming"),
    [
        pytest.param(date(2026, 3, 1), 0, False, id="before promulgation"),
        pytest.param(date(2026, 3, 25), 0, True, id="promulgated"),
        pytest.param(APRIL, 1, False, id="in effect"),
        pytest.param(OCTOBER, 2, False, id="both in effect"),
    ],
)
def test_the_history_of_a_provision_has_what_was_promulgated(day: date, earlier: int, *, has_upcoming: bool) -> None:
    consolidation = consolidate(FIRST, SECOND)
    key = next(child.key for child in consolidation.base.children if child.step.number == "3")
    state = state_on(consolidation, key, day)
    assert state is not None
    assert len(state.earlier) == earlier
    assert (state.upcoming is not None) is has_upcoming


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        pytest.param("1人5冊までとする。", "1人7冊までとする。", [("5冊", "7冊")], id="figure with its unit"),
        pytest.param("1人5冊まで。", "１人５冊まで。", [], id="other widths"),
        pytest.param(
            "図書を貸し出す。",
            "会費は年千円である。",
            [("図書を貸し出す。", "会費は年千円である。")],
            id="nothing in common",
        ),
    ],
)
def test_differing_words_are_phrases(old: str, new: str, pairs: list[tuple[str, str]]) -> None:
    assert changed_words(old, new) == pairs
