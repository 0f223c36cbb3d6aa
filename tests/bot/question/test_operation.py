"""Tests of the operations on table rows that a question asks for."""

import pytest

from bot.question.operation import Operation, Operator, Outcome, detect_outcome, parse_operation
from ingest.chunking.table import Role, roles_of


def parse(text: str) -> Operation:
    operation = parse_operation(text)
    assert operation
    return operation


@pytest.mark.parametrize(
    ("text", "operator"),
    [
        ("温室の開館日は?", Operator.SELECT),
        ("温室の入場者数を教えてください", Operator.SELECT),
        ("入場者が一番多い温室はどこですか", Operator.MOST),
        ("最も狭い展示室は何平方メートルですか", Operator.LEAST),
        ("入場者の多さの上位3館は?", Operator.MOST),
        ("温室と花壇の入場者を合わせると何人ですか", Operator.SUM),
        ("入場者数の合計は?", Operator.SUM),
        ("温室の入場者数は何でしょうか", Operator.SELECT),
        ("温室の愛称はなんでしたか", Operator.SELECT),
        ("わけぎの収穫量は", Operator.SELECT),
        ("温室と花壇の入場料はいくら違いますか", Operator.DIFFERENCE),
        ("入場者は何人増えましたか", Operator.DIFFERENCE),
        ("目標まであと何人ですか", Operator.DIFFERENCE),
        ("温室と花壇ではどちらが広いですか", Operator.SELECT),
        ("目標に届かなかった館はどれですか", Operator.LIST),
        ("目標を達成した館はいくつありますか", Operator.COUNT),
    ],
)
def test_operator_is_read(text: str, operator: Operator) -> None:
    assert parse(text).operator is operator


@pytest.mark.parametrize(
    "text",
    [
        "温室はなぜ閉まりましたか",
        "温室とは何ですか",
        "温室の予約はどうすればできますか",
        "どんな人が入れますか",
        "何を育てていますか",
        "何で作られていますか",
        "閉まるわけは",
        "入場者数の平均は?",
        "温室は何番目に広いですか",
        "2番目に広い温室は?",
        "今年は去年の何倍ですか",
        "第1四半期の入場者は何人ですか",
        "",
    ],
)
def test_question_that_no_cell_answers_has_no_operation(text: str) -> None:
    assert parse_operation(text) is None


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("目標値(令和12年度)", {Role.TARGET}),
        ("中間目標", {Role.INTERIM}),
        ("中間目標と最終目標", {Role.INTERIM, Role.TARGET}),
        ("実績", {Role.RESULT}),
        ("現状値", {Role.CURRENT}),
        ("基準値", {Role.BASE}),
        ("令和5年度実績(基準)", {Role.RESULT, Role.BASE}),
        ("所管課", set()),
    ],
)
def test_roles_are_named_alike_in_questions_and_heads(text: str, roles: set[Role]) -> None:
    assert roles_of(text) == roles


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("目標を達成しました", Outcome.REACHED),
        ("目標に届きました", Outcome.REACHED),
        ("目標に届いていません", Outcome.MISSED),
        ("目標を達成できなかった", Outcome.MISSED),
        ("目標を下回った", Outcome.MISSED),
        ("目標を達成していないもの", Outcome.MISSED),
        ("達成できておりません", Outcome.MISSED),
        ("達成には至らなかった", Outcome.MISSED),
        ("目標を満たさない", Outcome.MISSED),
        ("未達成", Outcome.MISSED),
        ("達成した項目はありませんか", Outcome.REACHED),
        ("要件を満たす", None),
        ("達成状況", None),
        ("入場者数", None),
    ],
)
def test_outcome_is_read(text: str, outcome: Outcome | None) -> None:
    assert detect_outcome(text) is outcome


def test_limit_in_a_name_asks_for_no_row() -> None:
    assert parse("最大風速は何メートルですか").operator is Operator.SELECT


def test_two_dates_joined_by_from_are_a_span() -> None:
    assert parse("令和5年度から令和7年度までの入場者の合計は?").is_span
    assert not parse("令和5年度と令和7年度の入場者の合計は?").is_span


def test_rank_is_read() -> None:
    assert parse("入場者の上位3館は?").limit == 3
    assert parse("入場者が一番多い館は?").limit == 1


def test_newest_is_asked_of_time() -> None:
    assert parse("一番新しい館はどこですか").is_by_age
    assert not parse("一番多い館はどこですか").is_by_age


def test_operation_terms_need_not_occur_in_a_row() -> None:
    operation = parse("入場者が最も多い温室はどこですか")
    assert {"最も", "多い"} <= operation.terms
    assert not {"入場", "温室"} & operation.terms
