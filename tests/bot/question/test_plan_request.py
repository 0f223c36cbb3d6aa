"""Tests of questions about a document as a whole."""

import pytest

from bot.question.plan_request import AspectRequest, OverviewRequest, read_plan_request


def read_aspects(topic: str) -> AspectRequest | None:
    """Return what a question asks of the aspects of a plan."""
    request = read_plan_request(topic, topic)
    return request.aspects if request else None


def read_overview(topic: str) -> OverviewRequest | None:
    """Return what a question asks of the overview of a document."""
    request = read_plan_request(topic, topic)
    return request.overview if request else None


@pytest.mark.parametrize(
    ("topic", "change", "aspects", "terms"),
    [
        ("緑化計画の柱を教えて", None, ("pillars",), ("緑化",)),
        ("緑化計画の基本理念は?", None, ("principles",), ("緑化",)),
        ("前の計画から増設された重点施策はどれ?", "added", ("pillars",), ()),
        ("新しいプランで打ち切られた取組は?", "removed", (), ()),
        ("前回の計画からそのまま残っている原則", "kept", ("pillars",), ()),
        ("前の戦略より目標値が上がったのは?", "raised", ("targets",), ()),
        ("苗木の配布は前の計画とどう違う?", "changed", (), ("苗木", "配布")),
    ],
)
def test_a_question_about_aspects_has_a_change_and_terms(
    topic: str, change: str | None, aspects: tuple[str, ...], terms: tuple[str, ...]
) -> None:
    request = read_aspects(topic)
    assert request
    assert request.change == change
    assert request.aspects == aspects
    assert request.terms == terms


@pytest.mark.parametrize(
    "topic", ["ごみの日はいつ?", "基本目標2は?", "視点1では何をしますか", "申請の方法を教えて", "窓口はどこ?"]
)
def test_a_question_about_one_item_or_something_else_asks_for_no_aspects(topic: str) -> None:
    assert read_aspects(topic) is None


def test_the_previous_plan_is_asked_for_without_a_comparison() -> None:
    request = read_aspects("前の計画の基本方針は?")
    assert request
    assert request.asks_for_previous
    assert request.change is None


@pytest.mark.parametrize(
    ("topic", "kind"),
    [
        ("この計画を一言で言うと?", "summary"),
        ("どんな計画?", "summary"),
        ("計画の概要を教えてください", "summary"),
        ("この要綱は何のための要綱ですか", "summary"),
        ("この計画は何を目指していますか", "summary"),
        ("ざっくり説明して", "summary"),
        ("主なポイントは?", "points"),
        ("要点を3つ教えて", "points"),
        ("何が書いてありますか", "points"),
        ("前の計画から何が変わった?", "changes"),
        ("新しい計画は、これまでとどこが違いますか", "changes"),
        ("変更点は?", "changes"),
    ],
)
def test_a_question_for_an_overview_has_no_words_left(topic: str, kind: str) -> None:
    request = read_overview(topic)
    assert request
    assert request.kind == kind
    assert request.title_words == frozenset()


@pytest.mark.parametrize(
    "topic", ["どんな計画がありますか", "簡単に申し込めますか", "ごみの日はいつ?", "何をすればいいですか", "費用は?"]
)
def test_another_question_asks_for_no_overview(topic: str) -> None:
    assert read_overview(topic) is None


def test_a_changed_detail_is_left_as_a_word() -> None:
    request = read_overview("計画期間は前の計画からどう変わった?")
    assert request
    assert request.title_words == {"期間"}
