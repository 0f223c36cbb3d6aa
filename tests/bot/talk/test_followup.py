"""Follow-ups made whole: what a question lacks, it takes from the one before."""

import pytest

from bot.answer import Status
from bot.languages import say, wholly_retold
from tests.bot.talk.conversation import TOWNS, exchange, whole

FARE = "市営渡船の料金はいくらですか"
RESULT = "清流調査の参加者数の実績は?"
LACKING = [
    # What it asks for is a property of nothing named.
    (RESULT, "目標は?", "清流調査の参加者数の目標は?"),
    (RESULT, "では、目標はどうでしたか?", "清流調査の参加者数の目標はどうでしたか?"),
    (FARE, "支払い方法は?", "市営渡船の支払い方法は?"),
    ("水防協議会とは何ですか", "委員長は誰?", "水防協議会の委員長は誰?"),
    ("清流調査の参加者数は?", "目標は?", "清流調査の参加者数の目標は?"),
    (FARE, "料金は電子マネーで払えますか", "市営渡船の料金は電子マネーで払えますか"),
    # It names nothing.
    ("里山祭では何をしますか", "どんな環境保全活動がありますか", "里山祭について、どんな環境保全活動がありますか"),
    (FARE, "いつから?", "市営渡船の料金について、いつから?"),
    (FARE, "どこで払えばいいですか", "市営渡船の料金について、どこで払えばいいですか"),
    (FARE, "もっと詳しく", "市営渡船の料金について、もっと詳しく"),
    (FARE, "ほかには?", "市営渡船の料金について、ほかには?"),
    (FARE, "どんな割引がありますか", "市営渡船の料金について、どんな割引がありますか"),
    # What it names tells little.
    (FARE, "予約はできますか", "市営渡船の料金について、予約はできますか"),
    # What it names is a condition, or comes besides.
    (FARE, "団体だといくら?", "市営渡船の料金について、団体だといくら?"),
    (FARE, "自転車も有料ですか", "市営渡船の料金について、自転車も有料ですか"),
]
POINTING = [
    (FARE, "それは税込みですか", "市営渡船の料金は税込みですか"),
    (FARE, "そこの所在地は?", "市営渡船の所在地は?"),
    (RESULT, "その目標を教えて", "清流調査の参加者数の目標を教えて"),
    ("水防計画の見直しはいつですか", "その見直しは何年ごとですか", "水防計画の見直しは何年ごとですか"),
    ("清流祭りはいつですか", "その祭りはどこで行われますか", "清流祭りはどこで行われますか"),
    ("水防団員は何人ですか", "そのうち女性は?", "水防団員のうち女性は?"),
    ("冬に渡船は動いていますか", "自転車もその間は載せられますか", "冬の渡船について、自転車もその間は載せられますか"),
]
OTHER_SUBJECT = [
    (FARE, "貨物のほうは?", "貨物の料金はいくらですか"),
    (FARE, "遊覧渡船は?", "遊覧渡船の料金はいくらですか"),
    (FARE, "団体割引は?", "市営渡船の料金について、団体割引はいくらですか"),
    ("令和5年度の渡船の利用者は何人ですか", "令和4年度は?", "令和4年度の渡船の利用者は何人ですか"),
    ("昨年度の渡船の利用者は何人ですか", "今年度は?", "今年度の渡船の利用者は何人ですか"),
    ("移動図書室は何か所に来ますか", "来年度はどうなりますか", "来年度の移動図書室は何か所に来ますか"),
    (FARE, "休日は?", "休日の市営渡船の料金はいくらですか"),
    ("方針2では何をしますか", "方針3は?", "方針3では何をしますか"),
    ("方針2では何をしますか", "3は?", "方針3では何をしますか"),
    ("方針1では何をしますか", "もう一つは?", "方針2では何をしますか"),
]
OTHER_PLAN = [
    ("水の里プラン2の計画期間は?", "前の計画では?", "前の計画では、計画期間は?"),
    ("前の計画では、計画期間は?", "今のは?", "今の計画では、計画期間は?"),
    ("里プラン2の理念は何ですか", "一つ前のプランはどうでしたか", "前の計画では、理念は何ですか"),
]
ELSEWHERE = [
    # It names a town and asks nothing anew.
    ("杉森市の渡船の料金はいくらですか", "汐見町はどうですか", "汐見町の渡船の料金はいくらですか"),
    ("杉森市の渡船の料金はいくらですか", "じゃあ汐見では?", "汐見の渡船の料金はいくらですか"),
    ("渡船の乗り場は杉森市だとどこ?", "汐見の方は?", "渡船の乗り場は汐見だとどこ?"),
    (FARE, "汐見町です", f"汐見町の{FARE}"),
    # What it asks lacks a subject of its own.
    ("杉森市の渡船の料金はいくらですか", "汐見町の支払い方法は?", "汐見町の渡船の支払い方法は?"),
    ("杉森市の渡船の料金はいくらですか", "汐見町だといくら?", "汐見町の渡船の料金について、いくら?"),
]
AGAIN = [(FARE, "つまり?", FARE)]


@pytest.mark.parametrize(("before", "text", "expected"), LACKING + POINTING + OTHER_SUBJECT + OTHER_PLAN + AGAIN)
def test_a_follow_up_is_made_whole(before: str, text: str, expected: str) -> None:
    """It takes its subject, or what was asked, from the question before."""
    assert whole(text, before).text == expected


@pytest.mark.parametrize(("before", "text", "expected"), ELSEWHERE)
def test_a_follow_up_may_turn_to_another_town(before: str, text: str, expected: str) -> None:
    """The town that it names takes the place of the one that was spoken of."""
    assert whole(text, before, documents=TOWNS).text == expected


@pytest.mark.parametrize(
    "text", ["汐見町の水防訓練はどこで行われますか", "汐見町の「清流の日」はいつ?", "杉森だよりはどこでもらえますか"]
)
def test_a_question_of_another_town_may_stand_alone(text: str) -> None:
    """It says of what it is; nothing is taken from the question before."""
    turn = whole(text, "杉森市の渡船の料金はいくらですか", documents=TOWNS)
    assert (turn.text, turn.made_whole) == (text, False)


@pytest.mark.parametrize("text", ["杉森市の市長さんの任期はいつまでですか", "祭りの日程はどこで見られますか、杉森市の"])
def test_who_names_the_same_town_again_begins_anew(text: str) -> None:
    """Of what was spoken of nobody says once more where it is."""
    assert whole(text, "杉森市の渡船の料金はいくらですか", documents=TOWNS).text == text


@pytest.mark.parametrize("link", ["それと、", "ついでに", "あと、"])
def test_what_only_links_a_question_makes_no_follow_up_of_it(link: str) -> None:
    """It names its own subject behind the link."""
    text = f"{link}水防訓練はどこで行われますか"
    assert whole(text, FARE).text == text


def test_a_town_that_is_set_against_another_takes_no_place() -> None:
    """Both towns are in the question that is understood."""
    text = whole("汐見町のほうが安いですか", "杉森市の渡船の料金はいくらですか", documents=TOWNS).text
    assert "杉森市" in text
    assert "汐見町" in text


@pytest.mark.parametrize(
    "text",
    [
        "水防訓練はどこで行われますか",
        "渡船の乗り場を教えてください",
        "水の里プラン2の目標は?",
        "「清流の日」はいつ?",
        "この冬の除雪の予算はいくらですか",
        "水門が壊れたそうですが、それはいつ直りますか",
        "その他の施設の使用料はいくらですか",
        "水車小屋の見学会も教えてください",
        FARE,
        "祭りって何ですか",
        "Where is the ferry terminal?",
    ],
)
def test_what_stands_alone_is_left_as_it_is(text: str) -> None:
    """It names its subject, points back only to itself, is the last question again, or is in another language."""
    assert whole(text, FARE).text == text


@pytest.mark.parametrize("text", ["いくらですか?", "それはいつですか", "前の計画では?"])
def test_without_a_conversation_nothing_is_taken_up(text: str) -> None:
    """The first question, and the first behind a greeting or a refusal, is taken as it stands."""
    assert whole(text).text == text
    assert whole(text, exchange("こんにちは", status=Status.SMALLTALK)).text == text


def test_a_new_topic_takes_nothing_up() -> None:
    """After ところで even a question without a subject is left as it is."""
    assert whole("ところで、目標は?", RESULT).text == "目標は?"


def test_thanks_between_two_questions_are_no_topic() -> None:
    """The question before the thanks is what the next one takes up."""
    assert whole("目標は?", exchange(RESULT), exchange("ありがとう", status=Status.SMALLTALK)).text.startswith(
        "清流調査"
    )


def test_what_was_made_whole_is_taken_up_in_turn() -> None:
    """A third question goes on with the second as it was understood."""
    second = whole("団体割引は?", FARE).text
    assert whole("対象は?", FARE, second).text == "市営渡船の料金について、団体割引の対象は?"


def test_a_sentence_that_tells_the_occasion_is_of_the_topic() -> None:
    """Where the question itself names only a property, what was said before it goes along."""
    before = "雨水タンクを庭に置きたいです。費用はいくらですか"
    assert whole("いつまでに頼めばいい?", before).text == (
        "雨水タンクを庭に置きたいです。費用について、いつまでに頼めばいい?"
    )


CHOICES = ("乗り場の電話番号は?", "車庫の電話番号は?")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2", 1), ("二つ目です", 1), ("後者", 1), ("最初のほうで", 0), ("乗り場", 0), ("車庫のほうです", 1)],
)
def test_a_question_back_is_answered_by_place_or_by_words(text: str, expected: int) -> None:
    """The choice that is named is the question."""
    asked_back = exchange("電話番号は?", "どちらですか。", Status.CLARIFY, *CHOICES)
    assert whole(text, asked_back).text == CHOICES[expected]


def test_words_that_both_choices_have_choose_neither() -> None:
    """It is still open which of the two is meant."""
    asked_back = exchange("電話番号は?", "どちらですか。", Status.CLARIFY, *CHOICES)
    assert whole("電話番号です", asked_back).text not in CHOICES


def test_a_choice_word_for_word_is_that_question() -> None:
    """Who presses a suggestion asks it as it stands."""
    assert whole(CHOICES[0], exchange(FARE, "…です[1]。", Status.ANSWERED, *CHOICES)).text == CHOICES[0]


LIST = exchange("里の約束を教えてください", "約束は次のとおりです。\n・川を汚さない: 排水に気をつける\n・魚を守る[1]")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("二つ目をくわしく", "「魚を守る」について、くわしく"),
        ("1番目は?", "「川を汚さない」について、教えてください"),
        ("後者の理由は?", "魚を守るの理由は?"),
    ],
)
def test_a_member_of_a_list_is_named_by_its_place(text: str, expected: str) -> None:
    """It counts in what the last answer lists."""
    assert whole(text, LIST).text == expected


def test_the_sides_of_a_comparison_are_named_by_their_place() -> None:
    """前者 is what the question named first."""
    assert whole("前者はどこですか", "水防倉庫と資料館はどちらが広いですか").text == "「水防倉庫」について、どこですか"


@pytest.mark.parametrize(
    "text", ["もっと簡単に言って", "もう少しわかりやすい言葉で説明してください", "難しくてよくわかりません"]
)
def test_a_wish_for_easy_words_asks_the_last_question_in_easy_words(text: str) -> None:
    """The style is easy, and the question the last one again."""
    turn = whole(text, FARE)
    assert (turn.question.style, turn.text) == ("easy", FARE)


def test_a_question_about_easy_words_is_no_wish_for_them() -> None:
    """What is asked in it is asked in the style it was asked in."""
    assert whole("やさしい日本語の講座はいつですか", FARE).question.style == "standard"


@pytest.mark.parametrize("text", ["だれですか", "あれはどこにありますか?", "どのくらい続くの?", "どれが一番重いですか"])
def test_a_first_question_that_names_nothing_is_asked_back(text: str) -> None:
    """There is nothing to search for, and nothing before it that it could be about; each page asks in its language."""
    draft = whole(text).draft
    assert draft is not None
    assert draft.status is Status.CLARIFY
    assert wholly_retold(draft.text, "en") == f"{say('of_what', 'en')} {say('name_it', 'en')}"


@pytest.mark.parametrize("text", ["渡船はいつですか", "目標は?", "推進体制を教えて", "2.0 期間", "When does it start?"])
def test_a_first_question_that_names_something_is_answered(text: str) -> None:
    """Also one of few words, or in another language."""
    assert whole(text).draft is None


@pytest.mark.parametrize(
    ("before", "text", "meant"),
    [
        ("だれですか", "水防団の団長です", "水防団の団長について、だれですか"),
        ("それはいつからですか", "渡船の予約", "渡船の予約はいつからですか"),
        ("だれですか", "渡船の料金はいくらですか", "渡船の料金はいくらですか"),
    ],
)
def test_what_was_asked_back_is_taken_up(before: str, text: str, meant: str) -> None:
    """The name that is told goes into the question before it; a question of its own stands alone."""
    assert whole(text, exchange(before, "何についてですか。", Status.CLARIFY)).text == meant
