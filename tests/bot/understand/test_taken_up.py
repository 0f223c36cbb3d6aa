"""A sentence that names nothing itself, or points back, is about what was said before it."""

import pytest

from bot.understand.asked import Term
from bot.understand.question import understand


def weights(question: str) -> dict[str, float]:
    return {t.text: t.weight for t in understand(question).terms}


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("水道管の修理が増えているようですね。それぞれ何件ですか", "修理"),
        ("町に温泉があるそうですが、なぜそのような施設を作ったのですか。", "温泉"),
        ("犬の登録をしたいんです。担当の課はどこですか", "登録"),
        ("犬の登録をしたいんです。どうすればいいですか", "登録"),
    ],
)
def test_what_the_asking_sentence_takes_up_counts_nearly_in_full(question: str, word: str) -> None:
    """How many of what, why what was made and who is in charge of what stands in the sentence before."""
    assert weights(question)[word] > 0.5


def test_only_the_nearest_that_names_something_is_taken_up() -> None:
    """Who asks, told before the matter, stays an occasion."""
    found = weights("消防の取材をしている者です。温泉の利用が増えたと聞きました。どのくらいですか。")
    assert found["取材"] < 0.5 < found["温泉"]


def test_a_sentence_that_names_its_matter_takes_nothing_up() -> None:
    """What stands before it is its occasion."""
    assert weights("孫と温泉に行きました。回数券は何枚つづりですか")["温泉"] < 0.5


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("温泉の冬季休業の件で、反対した人は誰ですか", "件"),
        ("夏に温泉を開ける話はもう決まりましたか", "話"),
        ("工事が予定どおり進まなかった原因は", "通り"),
        ("温泉を閉めるそうですね", "そう"),
    ],
)
def test_nouns_that_only_join_clauses_are_no_terms(question: str, word: str) -> None:
    """件, 話 and そう behind a clause, and どおり."""
    assert word not in weights(question)


@pytest.mark.parametrize(
    ("question", "word"),
    [("町長の話の題名は", "話"), ("苦情の件数は", "件数"), ("会議で使う部屋の利用料は", "会議")],
)
def test_the_same_nouns_may_be_the_matter(question: str, word: str) -> None:
    """Where they join no clauses and nothing was said there, they are words of the question (件数 by its hint)."""
    asked = understand(question)
    assert word in asked.hints or next(t for t in asked.terms if t.text == word).weight == 1.0


def test_where_something_was_said_weighs_little() -> None:
    """The minutes that tell what was explained in a meeting need not name it."""
    assert weights("温泉が休んだ原因は会議でどう説明されましたか")["会議"] < 0.3


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("次の説明会の会場はどこですか", "会場"),
        ("温泉を担当している部署はどちらですか", "部署"),
        ("温泉の電話番号は", "番号"),
        ("温泉の改修の時期はいつですか", "時期"),
    ],
)
def test_what_only_says_the_kind_of_answer_is_a_hint(question: str, word: str) -> None:
    """An answer that is a place need not have the word place; where nothing else is named, it is what is named."""
    asked = understand(question)
    assert word in asked.hints
    assert word not in {t.text for t in asked.terms}


def test_the_kind_of_answer_alone_is_what_is_named() -> None:
    """会場は? asks for what the talk was of, and has no other word."""
    assert [t for t in understand("会場は?").terms if t == Term("会場", 1.0, asked=True)]
