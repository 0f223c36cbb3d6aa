from dataclasses import replace

import pytest

from bot.answering.question.splitting import smalltalk
from bot.answering.state import Status
from tests.bot.answering.question.conversation import TOWNS, exchange, turn, whole
from tests.bot.draft_rendering import message_text, text_of

FARE = "市営渡船の料金はいくらですか"
RESULT = "清流調査の参加者数の実績は?"
LACKING = [
    # What it asks for is a property of nothing named.
    (RESULT, "目標は?", "清流調査", "目標"),
    (RESULT, "では、目標はどうでしたか?", "清流調査", "目標"),
    (FARE, "支払い方法は?", "市営渡船", "支払い方法"),
    ("水防協議会の委員は何人ですか", "委員長は誰?", "水防協議会", "委員長"),
    # It names nothing.
    (FARE, "いつから?", "市営渡船", "いつから"),
    (FARE, "どこで払えばいいですか", "市営渡船", "払え"),
    # What it names tells little, is a condition, or comes besides.
    (FARE, "予約はできますか", "市営渡船", "予約"),
    (FARE, "団体だといくら?", "市営渡船", "団体"),
]
OF_WHATEVER_IS_TOLD = [
    # What notices name before a colon belongs to what was spoken of, however that was asked.
    ("水遊び場はいつから?", "料金は?", "水遊び場の料金は?"),
    ("水遊び場に入るには", "駐車場はありますか", "水遊び場について、駐車場はありますか"),
    ("渡船教室の対象は誰ですか", "持ち物は?", "渡船教室の持ち物は?"),
    # What asks is not carried over.
    ("だれに相談すればいい?", "予約は?", "相談の予約は?"),
    ("「どこでも渡船」はいつですか", "費用は?", "「どこでも渡船」の費用は?"),
    ("何歳から乗船体験に入れますか", "費用は?", "乗船体験の費用は?"),
]
POINTING = [
    (FARE, "それは税込みですか", "市営渡船", "税込み"),
    (FARE, "そこの所在地は?", "市営渡船", "所在地"),
    (RESULT, "その目標を教えて", "清流調査", "目標"),
    ("水防計画の見直しはいつですか", "その見直しは何年ごとですか", "水防計画", "何年ごと"),
]
OTHER_SUBJECT = [
    (FARE, "遊覧渡船は?", "遊覧渡船の料金はいくらですか"),
    (FARE, "団体割引は?", "団体割引", "いくら"),
    ("令和5年度の渡船の利用者は何人ですか", "令和4年度は?", "令和4年度の渡船の利用者は何人ですか"),
    ("移動図書室は何か所に来ますか", "来年度はどうなりますか", "来年度", "移動図書室"),
    (FARE, "休日は?", "休日", "市営渡船の料金はいくらですか"),
    ("方針2では何をしますか", "方針3は?", "方針3では何をしますか"),
]
ELSEWHERE = [
    # It names a town and asks nothing anew.
    ("杉森市の渡船の料金はいくらですか", "汐見町はどうですか", "汐見町の渡船の料金はいくらですか"),
    ("杉森市の渡船の料金はいくらですか", "じゃあ汐見では?", "汐見の渡船の料金はいくらですか"),
    ("渡船の乗り場は杉森市だとどこ?", "汐見の方は?", "渡船の乗り場は汐見だとどこ?"),
    (FARE, "汐見町です", f"汐見町の{FARE}"),
    # What it asks lacks a subject of its own.
    ("渡船の料金はいくらですか", "汐見町です", "汐見町の渡船の料金はいくらですか"),
    ("渡船の料金はいくらですか", "汐見町に住んでいます", "汐見町の渡船の料金はいくらですか"),
    ("杉森市の渡船の料金はいくらですか", "高山市は?", "高山市の渡船の料金はいくらですか"),
    ("高山市の渡船の料金はいくらですか", "汐見町は?", "汐見町の渡船の料金はいくらですか"),
]
OF_OTHER_PLAN = [
    ("水の里プラン2の計画期間は?", "前の計画では?", "前の計画では、計画期間は?"),
    ("旧計画の計画期間は?", "最新のは?", "今の計画では、計画期間は?"),
]
READ_ALOUD = [
    # A noun that is there already is not said twice.
    ("水防計画の見直しはいつですか", "その計画の期間は?", "水防計画の期間は?"),
    ("清流祭りはいつですか", "その祭りはどこで行われますか", "清流祭りはどこで行われますか"),
    # However it ends, it is one sentence.
    ("市営渡船の料金はいくらですか", "それはいつからですか?? ", "市営渡船の料金はいつからですか?? "),
    # What stands in brackets goes along whole.
    (
        "「清流の保全 水辺の美化に取り組みます」について、教えてください",
        "それはどういう意味ですか",
        "「清流の保全 水辺の美化に取り組みます」はどういう意味ですか",
    ),
    # A clause goes along as it is.
    ("みどり市で育児を支援する施設はどこですか", "費用は?", "みどり市で育児を支援する施設の費用は?"),
    ("児童手当を受けるための条件は何ですか", "必要な書類は?", "児童手当を受けるための条件について、必要な書類は?"),
    # What linked the question before to another is left out.
    ("じゃあ清流祭りはいつですか", "場所は?", "清流祭りの場所は?"),
    # A condition takes the place of the one that was put first.
    ("休日は、市営渡船の料金はいくらですか", "夜間は?", "夜間は、市営渡船の料金はいくらですか"),
    # What was listed is in normal form.
    ("「①㈱清流舎」について、教えてください", "いつまで?", "「(1)(株)清流舎」について、いつまで?"),
]


@pytest.mark.parametrize(
    ("before", "text", "held"), [(b, t, held) for b, t, *held in LACKING + POINTING + OTHER_SUBJECT]
)
def test_a_follow_up_is_completed(before: str, text: str, held: list[str]) -> None:
    taken = whole(text, before)
    assert text.endswith(taken.texts.typed_follow_up.text or "?")
    assert [run for run in held if run not in taken.texts.searched.text] == []


@pytest.mark.parametrize(("before", "text", "expected"), READ_ALOUD + OF_OTHER_PLAN + OF_WHATEVER_IS_TOLD)
def test_a_completed_question_is_natural_japanese(before: str, text: str, expected: str) -> None:
    assert whole(text, before).texts.searched.text == expected


@pytest.mark.parametrize(("before", "text", "expected"), ELSEWHERE)
def test_a_follow_up_may_change_the_town(before: str, text: str, expected: str) -> None:
    assert whole(text, before, documents=TOWNS).texts.searched.text == expected


@pytest.mark.parametrize(
    "text",
    [
        "汐見町の水防訓練はどこで行われますか",
        "汐見町の「清流の日」はいつ?",
        "杉森だよりはどこでもらえますか",
        "高山市の渡船の料金はいくらですか",
        "杉森市の市長さんの任期はいつまでですか",
        "祭りの日程はどこで見られますか、杉森市の",
    ],
)
def test_a_question_that_names_a_town_may_be_self_contained(text: str) -> None:
    taken = whole(text, "杉森市の渡船の料金はいくらですか", documents=TOWNS)
    assert taken.texts.searched.text == text
    assert taken.texts.typed_follow_up.text == ""


@pytest.mark.parametrize(
    "text",
    [
        "水防訓練はどこで行われますか",
        "水の里プラン2の目標は?",
        "「清流の日」はいつ?",
        "この冬の除雪の予算はいくらですか",
        "水門が壊れたそうですが、それはいつ直りますか",
        "その他の施設の使用料はいくらですか",
        "駐車場を予約したい",
        FARE,
        "祭りって何ですか",
        "Where is the ferry terminal?",
        "それはもう知っています。水車小屋の休みは?",
    ],
)
def test_self_contained_questions_are_unchanged(text: str) -> None:
    assert whole(text, FARE).texts.searched.text == text


@pytest.mark.parametrize("text", ["いくらですか?", "それはいつですか", "前の計画では?"])
def test_a_first_question_is_unchanged(text: str) -> None:
    assert whole(text).texts.searched.text == text


CHOICES = ("乗り場の電話番号は?", "車庫の電話番号は?")


def test_a_suggestion_is_asked_unchanged() -> None:
    assert whole(CHOICES[0], exchange(FARE, "…です[1]。", Status.ANSWERED, *CHOICES)).texts.searched.text == CHOICES[0]


def test_a_topic_is_carried_from_a_question_whose_documents_were_shown() -> None:
    unanswered = exchange("遊覧の桟橋はいつ直しますか", status=Status.NO_ANSWER)
    shown = replace(unanswered, related=("「渡船だより」の「桟橋」: 桟橋を直します。",))
    told = "水防倉庫の予約はできますか"
    assert whole(told, unanswered).texts.searched.text == told
    assert "桟橋" in whole("予約はできますか", shown).texts.searched.text
    assert "桟橋" in whole("いつ?", unanswered).texts.searched.text


def test_one_topic_is_carried() -> None:
    completed = whole("予約はできますか", "市営渡船について、遊覧の桟橋はどこですか").texts.searched.text
    assert "桟橋" in completed
    assert "市営渡船" not in completed


@pytest.mark.parametrize("text", ["だれですか", "あれはどこにありますか?", "どのくらい続くの?", "どれが一番重いですか"])
def test_a_first_question_without_a_subject_is_clarified(text: str) -> None:
    draft = whole(text).draft
    assert draft is not None
    assert draft.status is Status.CLARIFY
    assert text_of(draft, "en") == f"{message_text('of_what', 'en')} {message_text('name_it', 'en')}"


@pytest.mark.parametrize("text", ["渡船はいつですか", "目標は?", "推進体制を教えて", "2.0 期間", "When does it start?"])
def test_a_first_question_with_a_subject_is_answered(text: str) -> None:
    assert whole(text).draft is None


@pytest.mark.parametrize(
    ("before", "text", "meant"),
    [
        ("だれですか", "水防団の団長です", "水防団の団長について、だれですか"),
        ("それはいつからですか", "渡船の予約", "渡船の予約はいつからですか"),
        ("だれですか", "渡船の料金はいくらですか", "渡船の料金はいくらですか"),
        ("いつからですか", "渡船は日曜日も出ていますか?", "渡船は日曜日も出ていますか?"),
    ],
)
def test_a_name_answers_a_clarification(before: str, text: str, meant: str) -> None:
    assert whole(text, exchange(before, "何についてですか。", Status.CLARIFY)).texts.searched.text == meant


@pytest.mark.parametrize("text", ["、。", "あ" * 500, "1,234 | 5,678 | " * 30, "\ud800?", "それは", "その"])
def test_any_text_is_accepted(text: str) -> None:
    assert whole(text, FARE).texts.searched.text
    assert whole("いつまで?", text).texts.searched.text


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("こんにちは", "こんにちは"),
        ("こんばんは、よろしくお願いします。", "こんにちは"),
        ("ありがとうございました。", "お役に立て"),
        ("なるほど、分かりました!", "お役に立て"),
        ("さようなら", "ご利用ありがとうございました"),
    ],
)
def test_small_talk_gets_a_short_answer_without_sources(text: str, answer: str) -> None:
    draft = smalltalk(turn(text)).draft
    assert draft is not None
    assert draft.status == Status.SMALLTALK
    assert draft.sources == ()
    assert answer in text_of(draft)


@pytest.mark.parametrize(
    "text",
    [
        "ありがとうございました、助かりました",
        "粗大ごみの件、教えてくれてありがとう",
        "詳しく教えていただき感謝します",
        "申し込みできそうです。ありがとうございました。",
        "分かりました。窓口に行ってみます。",
    ],
)
def test_thanks_after_an_answer_are_no_question(text: str) -> None:
    draft = smalltalk(turn(text, exchange(FARE))).draft
    assert draft is not None
    assert draft.status == Status.SMALLTALK


@pytest.mark.parametrize(
    "text",
    [
        "ありがとうございます。次は休館日",
        "教えていただけると助かります",
        "教えてもらえたら助かる",
        "参考になりませんでした",
        "市民への感謝",
        "担当者は?",
        "こんにちは。渡船の運賃は?",
        "ありがとうの手紙はどこに出しますか",
        "教えてください",
        "はい",
        "",
    ],
)
def test_other_texts_are_questions(text: str) -> None:
    left = smalltalk(turn(text, exchange(FARE)))
    assert left.draft is None
    assert left.texts.searched.text == text
