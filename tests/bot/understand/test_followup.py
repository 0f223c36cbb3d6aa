"""Follow-ups made whole: what they point back to, what they leave out, and what starts anew."""

import pytest

from bot.answer import Question, Status
from bot.turn import Exchange, Turn
from bot.understand.followup import FollowUp
from bot.understand.leaning import candidates, depends, topics_of
from bot.understand.question import understand
from tests.bot.asking import TODAY, Ask, answered

pytest_plugins = ["tests.bot.city"]

TREES = Exchange("植樹の本数の実績は?", "植樹の本数", "植樹の本数は、実績が5,200本です[1]。", Status.ANSWERED)
PERIOD = Exchange("プランの期間は?", "プランの期間", "4か年です[1]。", Status.ANSWERED)


@pytest.mark.parametrize(
    ("text", "points_back"),
    [
        ("それはいつまでですか?", True),
        ("その目標は?", True),
        ("これの実績は", True),
        ("じゃあそれの期間は", True),
        ("ちなみにその理由は", True),
        ("目標は?", True),
        ("いつまでですか?", True),
        ("どうしてですか", True),
        ("教えてください", True),
        ("植樹の本数は?", False),
        ("基本理念は何ですか", False),
        ("環境会議はいつ開かれましたか", False),
    ],
)
def test_a_question_that_cannot_stand_alone_is_known(text: str, *, points_back: bool) -> None:
    """It points back with それ or その, or it names nothing."""
    assert depends(understand(text)) is points_back


def test_what_the_last_answer_was_about_comes_first() -> None:
    """The nearest topic is tried before what the question named and what came before it."""
    assert candidates(understand("目標は?"), [PERIOD, TREES])[0] == "植樹の本数の目標は?"


def test_the_words_that_point_back_are_replaced() -> None:
    """それは gives way to what it stands for."""
    assert candidates(understand("それはいつまで?"), [PERIOD])[0] == "プランの期間について、いつまで?"


def test_a_question_that_stands_alone_is_not_changed() -> None:
    """A question that names its subject has no other readings."""
    assert candidates(understand("植樹の本数は?"), [PERIOD]) == []


def test_only_the_last_questions_are_remembered() -> None:
    """What was asked long before is not meant by それ."""
    found = candidates(understand("目標は?"), [TREES, PERIOD, PERIOD])
    assert not any("植樹" in text for text in found)


def test_without_history_there_is_nothing_to_point_back_to() -> None:
    """The first question of a conversation is taken as it stands."""
    assert candidates(understand("目標は?"), []) == []


CONVERSATIONS = [
    (("食品ロスの相談件数の実績は?", "目標は?"), ("800件",)),
    (("食品ロスの相談件数の実績は?", "その目標値を教えてください"), ("800件",)),
    (("植樹の本数の目標は?", "では実績は?"), ("5,200本",)),
    (("食品ロスの相談件数は?", "目標に達しましたか?"), ("いいえ", "650件")),
    (("植樹の本数の実績は?", "芝生化した公園の数は?"), ("9か所",)),
    (("植樹の本数の目標は何本ですか?", "芝生化した公園の数の方は?"), ("12か所",)),
    (("プラン2.0の基本理念は?", "前のプランは?"), ("ごみのない住みよいまち",)),
    (("みどり推進本部とは?", "本部長は誰ですか?"), ("副市長",)),
    (("分野2では何をしますか?", "じゃあ分野3は?"), ("小水力発電",)),
    (("食品ロスの相談件数の実績は?", "目標は?", "達成できましたか?"), ("いいえ", "800件")),
    (("食品ロスの相談件数の実績は?", "ところで、カーボンニュートラルって何?"), ("温室効果ガス",)),
    (("植樹の本数は?", "プランの期間はいつまでですか?"), ("令和10(2028)年度",)),
    (("こんにちは", "プランの期間は?"), ("令和7(2025)年度",)),
    (("行動指針を教えてください", "二つ目をくわしく"), ("市民と事業者が協力",)),
    (("プラン2.0の期間は?", "前のは?"), ("令和6",)),
    (("前のプランの基本理念は?", "いまの計画では?"), ("緑と水を未来へつなぐまち",)),
    (("プラン2.0の基本理念は?", "前の計画では?", "今のは?"), ("緑と水を未来へつなぐまち",)),
    (("分野2では何をしますか?", "3は?"), ("小水力発電",)),
    (("みどり推進本部とは?", "つまり?"), ("副市長",)),
    (("植樹の本数の実績は?", "それはもう目標に届いてるの?"), ("はい", "5,200本")),
    (("星見市水辺ビジョンはいつ策定されましたか?", "星見市総合計画は?"), ("2021年3月",)),
]


@pytest.mark.parametrize(("turns", "parts"), CONVERSATIONS)
def test_a_follow_up_is_answered_from_what_was_asked_before(
    ask: Ask, turns: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    """Pointing back, left out, passed on to another subject, or on another topic altogether."""
    answered(ask(*turns), *parts)


def test_the_question_as_it_was_understood_is_told(ask: Ask) -> None:
    """The answer says for which question it is, so that a wrong guess can be seen."""
    assert ask("食品ロスの相談件数の実績は?", "目標は?").question_understood == "食品ロスの相談件数の目標は?"


TOPICS = [
    (Exchange("植樹の本数の実績は?", "植樹の本数", "", Status.ANSWERED), "植樹の本数"),
    (Exchange("支援員の時給は上がるの?", "議事", "", Status.ANSWERED), "支援員の時給"),
    (Exchange("概要版の資料で、花壇の面積は?", "", "", Status.ANSWERED), "花壇の面積"),
    (Exchange("どんな意見があった?", "意見", "", Status.ANSWERED), "意見"),
]


@pytest.mark.parametrize(("exchange", "topic"), TOPICS)
def test_what_an_exchange_was_about(exchange: Exchange, topic: str) -> None:
    """The subject of its answer where the question names it; a mere heading gives way to what the question names."""
    assert topics_of(exchange)[0] == topic


def test_what_is_asked_for_too_is_nothing_of_what_was_spoken_of() -> None:
    """行動指針も教えて stands beside the topic."""
    assert candidates(understand("行動指針も教えて"), [TREES]) == []


def test_a_question_back_offers_choices_and_takes_a_number(ask: Ask) -> None:
    """Two rows that are meant alike are offered; 2 and the words of one choose it."""
    asked_back = ask("花壇の面積の目標は?")
    assert asked_back.status is Status.CLARIFY, asked_back.answer
    assert len(asked_back.suggestions) == 2
    for reply, place in (("2", 1), ("上のほう", 0)):
        answer = ask("花壇の面積の目標は?", reply)
        answered(answer)
        assert answer.question_understood == asked_back.suggestions[place]


def test_the_first_question_has_nothing_to_point_back_to(ask: Ask) -> None:
    """それ without a conversation is asked back."""
    assert ask("それはいつまでですか?").status is Status.CLARIFY


@pytest.mark.parametrize(
    "question",
    ["行動指針のうち「みんなで」以外は?", "植樹以外に分野1でやることは?", "1年前にできた計画はなに?", "何人ですか?"],
)
def test_a_question_asked_again_is_no_follow_up_of_itself(ask: Ask, question: str) -> None:
    """Said once more in the same conversation it gets the same answer, word for word."""
    first, again = ask(question), ask(question, question)
    assert (again.status, again.answer, again.question_understood) == (first.status, first.answer, question)


def test_a_new_topic_points_back_to_nothing(ask: Ask) -> None:
    """After ところで a question without a subject is asked back, not taken for a follow-up."""
    assert ask("食品ロスの相談件数の実績は?", "ところで、目標は?").status is Status.CLARIFY


def test_another_subject_is_asked_for_the_same_thing(ask: Ask) -> None:
    """Who asked for a target and then names another row wants its target alone."""
    answer = ask("植樹の本数の目標値は?", "芝生化した公園の数の方は?")
    answered(answer, "目標値は12か所")
    assert "9か所" not in answer.answer


def test_thanks_between_two_questions_are_not_what_the_next_points_at(ask: Ask) -> None:
    """その after ありがとう points at the last question."""
    answered(ask("食品ロスの相談件数の実績は?", "ありがとう", "その目標は?"), "800件")


def test_a_word_for_now_is_no_topic() -> None:
    """いまの計画 was about the plan, not about いま."""
    exchange = Exchange("いまの計画の期間は?", "計画の期間", "4か年です[1]。", Status.ANSWERED)
    assert "いま" not in topics_of(exchange)


def test_a_topic_that_breaks_off_and_means_nothing_alone_is_of_the_talk(ask: Ask) -> None:
    """未就学の子は? after a fare asks for the fare; a topic that can be answered by itself stands alone."""
    alone = ask("芝生化した公園は?")
    assert ask("食品ロスの相談件数の実績は?", "芝生化した公園は?").answer == alone.answer


@pytest.mark.parametrize(("first", "other"), [("視点1は何ですか", "視点2"), ("視点2の内容は?", "視点1")])
def test_the_other_of_two_is_the_other_member_of_the_series(first: str, other: str) -> None:
    """もう一つ after 視点1 is 視点2, and the other way round."""
    turn = Turn(
        Question(question="もう一つのほうは?"),
        TODAY,
        history=(Exchange(first, "視点", "…です[1]。", Status.ANSWERED),),
        text="もう一つのほうは?",
        asked=understand("もう一つのほうは?"),
    )
    assert other in FollowUp(lambda _: 1.0, ())(turn).text


def test_more_is_never_the_same_again(ask: Ask) -> None:
    """もっと詳しく tells what was not told, and at last that there is no more."""
    told = [ask(*turns).answer for turns in _growing("プラン2.0の基本理念は?", "もっと詳しく", 6)]
    new = [text for text in told if "見つかりませんでした" not in text]
    assert len(set(new)) == len(new) < len(told)


def _growing(first: str, more: str, longest: int) -> list[tuple[str, ...]]:
    return [(first, *[more] * n) for n in range(longest)]
