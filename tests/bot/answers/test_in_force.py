"""Tests of answers about the validity period of a plan."""

import pytest

from bot.answers.validity_period import ValidityPeriodAnswerer
from bot.state import Draft, Status
from ingest.documents import Document, Passage
from tests.bot.answers.reading import CITY, NEW, OLD, excerpt_answerer, text, turn_of

OLD_PERIOD = text("wood-1#1", "計画期間は令和2年度から令和6年度までの5年間です。", "1. 計画の期間")
NEW_PERIOD = text("wood-2#1", "道具を長く使います。\n期間は2025年度から2029年度までとします。", "1. 計画の期間")
# Years of something else though the same, and one end of the period alone.
TARGETS = text(
    "wood-2#2",
    "修理の件数を令和7年度の30件から令和11年度には80件にします。計画期間の初めの令和7年度に工房を開きます。",
    "3. 目標",
)
PASSAGES = (OLD_PERIOD, TARGETS, NEW_PERIOD)


def plan_answer(
    question: str, documents: tuple[Document, ...] = CITY, passages: tuple[Passage, ...] = PASSAGES
) -> Draft | None:
    def of_document(doc_id: str) -> list[Passage]:
        return [passage for passage in passages if passage.doc_id == doc_id]

    return ValidityPeriodAnswerer(documents, of_document, excerpt_answerer(documents, (), of_document))(
        turn_of(question, documents=documents)
    )


@pytest.mark.parametrize(
    ("question", "passage", "stated"),
    [
        ("今の木の道具館計画はいつまでですか", NEW_PERIOD, "期間は2025年度から2029年度までとします。"),
        ("計画の期間は?", NEW_PERIOD, "期間は2025年度から2029年度までとします。"),
        ("道具館計画2.0は何年度に終わりますか", NEW_PERIOD, "期間は2025年度から2029年度までとします。"),
        ("いま有効な計画はどれですか", NEW_PERIOD, "期間は2025年度から2029年度までとします。"),
        ("一つ前の計画は何年間でしたか", OLD_PERIOD, OLD_PERIOD.text),
        ("2022年度はどの計画の期間でしたか", OLD_PERIOD, OLD_PERIOD.text),
        ("令和4年度に有効だった計画はどれですか", OLD_PERIOD, OLD_PERIOD.text),
    ],
)
def test_period_is_answered_with_its_sentence(question: str, passage: Passage, stated: str) -> None:
    draft = plan_answer(question)
    assert draft is not None
    assert draft.status is Status.ANSWERED
    assert [source.passage for source in draft.sources] == [passage]
    assert stated in draft.sources[0].quote


def test_comparison_shows_both_periods() -> None:
    draft = plan_answer("今の計画と前の計画の期間は?")
    assert draft is not None
    assert {source.passage for source in draft.sources} == {OLD_PERIOD, NEW_PERIOD}


@pytest.mark.parametrize(
    "question",
    [
        "計画の見直しはいつですか",
        "喫茶室はいつまでですか",
        "道具館はいつからですか",
        "漁業計画はいつまでですか",
        "計画の目的は?",
        "次の計画はいつからですか",
    ],
)
def test_question_beyond_the_period_is_left_to_others(question: str) -> None:
    assert plan_answer(question) is None


def test_unstated_period_is_not_answered() -> None:
    assert plan_answer("計画の期間は?", passages=(OLD_PERIOD, TARGETS)) is None


def test_comparison_needs_both_periods() -> None:
    assert plan_answer("今の計画と前の計画の期間は?", passages=(NEW_PERIOD,)) is None


def test_several_plans_in_force_need_a_name() -> None:
    others = tuple(
        Document(name, f"{name}計画", "x.md", issuer="杉森市", period=NEW.period) for name in ("水道", "交通")
    )
    stated = tuple(text(f"{other.id}#1", NEW_PERIOD.text, "1. 計画の期間") for other in others)
    assert plan_answer("計画の期間は?", (OLD, NEW, *others), (*PASSAGES, *stated)) is None
    draft = plan_answer("水道計画の期間は?", (OLD, NEW, *others), (*PASSAGES, *stated))
    assert draft is not None
    assert [source.passage.doc_id for source in draft.sources] == ["水道"]
