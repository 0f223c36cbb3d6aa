"""A message cut into its questions, each in the person's own words and complete in itself."""

import pytest

from bot.conversation.message_splitting import split_message

# Message, and the words of each question.
SEVERAL = [
    ("体育館の使用料の額と、集会所がいくつあるか教えて", ["体育館の使用料の額", "集会所がいくつあるか"]),
    ("説明会はいつ、どこで開かれますか", ["説明会はいつ", "どこで開かれますか"]),
    ("教室はいつ・どこで・いくらで受けられますか", ["教室はいつ", "どこで", "いくらで受けられますか"]),
    ("申込みはいつまでで、どこに出せばいいですか?", ["申込みはいつまでで", "どこに出せばいいですか?"]),
    (
        "届出はいつまでにすればよくて費用はいくらかかりますか",
        ["届出はいつまでにすればよくて", "費用はいくらかかりますか"],
    ),
    ("受付時間と、あと駐輪場があるかも知りたい", ["受付時間", "駐輪場があるか"]),
    ("プールの料金、場所、利用時間を教えて", ["プールの料金", "場所", "利用時間"]),
    ("し尿の収集日と美術館の開館時間を教えて", ["し尿の収集日", "美術館の開館時間"]),
    ("補助の対象と金額は?", ["補助の対象", "金額"]),
    ("予約が必要か、車で行けるかが知りたいです", ["予約が必要か", "車で行けるか"]),
    ("犬の登録に必要なものと手数料を教えてください", ["犬の登録に必要なもの", "手数料"]),
    (
        "粗大ごみについて、次の3点を教えてください。\n1. 料金\n2. 申込み先\n3. 収集日\nよろしくお願いします。",
        ["料金", "申込み先", "収集日"],
    ),
    ("(1)開館時間は?(2)駐車場はありますか?(3)休館日はいつ?", ["開館時間は?", "駐車場はありますか?", "休館日はいつ?"]),
    (
        (
            "お世話になっております。窓口の山田です。\n次の質問がありました。\n粗大ごみの料金はいくらですか。"
            "また、申込みはどこにすればよいですか。\nご回答をよろしくお願いいたします。"
        ),
        ["粗大ごみの料金はいくらですか。", "申込みはどこにすればよいですか。"],
    ),
    (
        "手当の額はいくらですか。その支給日は?あと、手続きの場所も。",
        ["手当の額はいくらですか。", "その支給日は?", "手続きの場所"],
    ),
    ("ごみの日は?What is the bus fare?館は何時まで?", ["ごみの日は?", "What is the bus fare?", "館は何時まで?"]),
    ("1. \n2. 料金は?\n3.\n4. 場所は?", ["料金は?", "場所は?"]),
]
ONE = [
    "子どもと大人の料金を教えて",
    "庭木、古布、陶器の出し方を教えて",
    "市民と協働するまちづくりを教えて",
    "友達と参加できるか教えて",
    "電車とバスどちらが安いですか",
    "有料か無料か教えて",
    "有料ですか、それとも無料ですか",
    "熱が出て、どこに行けばいいですか",
    "子どもが3人いる場合、手当はいくらですか",
    "いつでも参加できますか",
    "旧プランのとき、児童館の利用料は?",
    "受付は何時から何時までですか",
    "1,000円以上、2,000円未満の場合はいくらですか",
    "「いつ、どこで」という記事はどこにありますか",
    "次のうち、補助の対象になるのはどれですか。\n・太陽光パネル\n・蓄電池",
    "図書館の休館日は?図書館の休館日は?",
]


@pytest.mark.parametrize(("text", "words"), SEVERAL)
def test_each_question_is_found_in_its_own_words(text: str, words: list[str]) -> None:
    """Greetings, announcements and numbers are no part of them."""
    assert [part.words for part in split_message(text)] == words
    assert all(part.words in text for part in split_message(text))


@pytest.mark.parametrize("text", ONE)
def test_one_question_stays_whole(text: str) -> None:
    """An enumeration, alternatives, a condition and a repetition ask one thing."""
    (part,) = split_message(text)
    assert part.words == part.text == text


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("プールの料金、場所を教えて", "プールの場所を教えてください"),
        ("説明会はいつ、どこで開かれますか", "説明会はどこで開かれますか"),
        ("申込みはいつまでで、どこに出せばいいですか?", "申込みはどこに出せばいいですか?"),
        ("粗大ごみについて、次の2点を教えてください。\n・料金\n・収集日", "粗大ごみの収集日を教えてください"),
    ],
)
def test_a_question_is_completed_from_its_sentence(text: str, last: str) -> None:
    """It takes the owner, the topic or the predicate that it shares with the others."""
    assert split_message(text)[-1].text == last
