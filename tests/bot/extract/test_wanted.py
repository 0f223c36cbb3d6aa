"""What a question wants, closer than its kind."""

import pytest

from bot.extract.wanted import Wanted, want
from bot.understand.question import understand


def wanted(question: str) -> Wanted:
    return want(understand(question), lambda _word: 1.0)


@pytest.mark.parametrize(
    ("question", "way", "head", "head_kind"),
    [
        ("渡し船の船長は誰ですか。", "who", "船長", "person"),
        ("エルサルバドルとどの国が対戦しましたか。", "which", "国", "place"),
        ("最初と最後の挨拶は何語にしたか", "which", "語", "title"),
        ("住民は何系のオランダ人?", "which", "系", "other"),
        ("図書館の蔵書は何冊ですか。", "which", "冊", "other"),
        ("一日に何人が利用しましたか。", "amount", "", ""),
        ("国際司法裁判所が設置された都市は?", "where", "都市", "place"),
        ("橋が架かった年は?", "year", "年", "year"),
        ("橋を架けた会社は?", "none", "会社", "body"),
        ("リズムのことを何という言葉で呼ぶか", "called", "言葉", "title"),
        ("王室はどこに留まったか", "where", "", ""),
        ("橋が架かったのは何年ですか。", "year", "", ""),
        ("橋が架かったのはなぜですか。", "why", "", ""),
        ("自力発光に必要なのはなんですか。", "what", "", ""),
        ("東館と西館のどちらが広いですか。", "which of", "", ""),
    ],
)
def test_how_it_asks_and_for_which_noun(question: str, way: str, head: str, head_kind: str) -> None:
    """The noun stands behind the interrogative, or before は; before another particle it is no noun asked for."""
    found = wanted(question)
    assert (found.way, found.head, found.head_kind) == (way, head, head_kind)


@pytest.mark.parametrize(
    ("question", "unit", "particle"),
    [
        ("一日に何人が利用しましたか。", "人", "が"),
        ("図書館の蔵書は何冊ですか。", "冊", ""),
        ("王室はどこに留まったか", "", "に"),
        ("どの国と対戦しましたか。", "", "と"),
        ("船長は誰か", "", ""),
    ],
)
def test_the_counter_and_the_particle_of_the_interrogative(question: str, unit: str, particle: str) -> None:
    """An answer is likely to have both; か only asks."""
    assert (wanted(question).unit, wanted(question).particle) == (unit, particle)


def test_the_words_beside_the_interrogative_and_the_predicate() -> None:
    """The answer is likely to stand beside the same words, and before the same predicate."""
    found = wanted("橋を設計したのは町の誰でしたか。")
    assert found.predicate == {"設計"}
    assert "町" in found.before
    assert found.after == frozenset()


@pytest.mark.parametrize(
    ("question", "answer", "offered"),
    [
        ("利用者が多かったのは東館と西館のどちらですか。", "東館", True),
        ("利用者が多かったのは東館と西館のどちらですか。", "西館", True),
        ("利用者が多かったのは東館と西館のどちらですか。", "利用者", False),
        ("利用者が多かったのは東館と西館のどちらですか。", "北館", False),
        ("東館と西館の館長は誰ですか。", "東館", False),
    ],
)
def test_a_choice_offers_its_answers(question: str, answer: str, *, offered: bool) -> None:
    """AとBのどちら offers A and B, and nothing else in the question."""
    assert wanted(question).offers(answer) is offered


@pytest.mark.parametrize("question", ["", "?", "「」", "何"])
def test_any_question_is_taken(question: str) -> None:
    """Without words nothing is looked for."""
    assert wanted(question).words == {}
