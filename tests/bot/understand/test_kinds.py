"""Which kind of answer a question expects, in many wordings."""

import pytest

from bot.understand.asked import Kind
from bot.understand.question import understand

KINDS = [
    (Kind.WHEN, "環境会議はいつ開かれましたか"),
    (Kind.WHEN, "総合計画が策定されたのは何年ですか"),
    (Kind.WHEN, "次の会議は何月何日?"),
    (Kind.WHEN, "会議の日程を知りたいです"),
    (Kind.WHEN, "植樹祭っていつやったん"),
    (Kind.PERIOD, "プランの期間を教えてください"),
    (Kind.PERIOD, "このプランはいつからいつまでですか"),
    (Kind.PERIOD, "計画は何年度まで続きますか"),
    (Kind.PERIOD, "プランは何か年ですか"),
    (Kind.PERIOD, "総合計画は何年間の計画ですか"),
    (Kind.PERIOD, "目標の期限はいつ?"),
    (Kind.PERIOD, "この計画が終わるのは何年度"),
    (Kind.PERIOD, "計画の長さはどう違うの"),
    (Kind.QUANTITY, "緑に関するものは何件ですか"),
    (Kind.QUANTITY, "星見市の人口は?"),
    (Kind.LIST, "柱1の取組は何ですか"),
    (Kind.HOW, "バスに乗るには何をすればいいですか"),
    (Kind.QUANTITY, "植樹の本数は何本ですか"),
    (Kind.QUANTITY, "講座には何人参加しましたか"),
    (Kind.QUANTITY, "ごみはどれくらい減りましたか"),
    (Kind.QUANTITY, "ごみはどんだけ減ったん"),
    (Kind.QUANTITY, "削減率なんぼ"),
    (Kind.QUANTITY, "参加者数は"),
    (Kind.QUANTITY, "家庭ごみの削減率を教えて"),
    (Kind.QUANTITY, "協力店の割合はどのくらいですか"),
    (Kind.QUANTITY, "指標はいくつありますか"),
    (Kind.MONEY, "太陽光パネルの補助はいくらですか"),
    (Kind.MONEY, "プランの予算額を教えてください"),
    (Kind.MONEY, "手数料は何円かかりますか"),
    (Kind.MONEY, "講座の料金は?"),
    (Kind.WHO, "本部長は誰ですか"),
    (Kind.WHO, "担当はどこの課ですか"),
    (Kind.WHO, "本部のトップは?"),
    (Kind.WHO, "市長の名前は何ですか"),
    (Kind.WHO, "どの部署が進めていますか"),
    (Kind.WHERE, "会議はどこで開かれましたか"),
    (Kind.WHERE, "会場を教えてください"),
    (Kind.WHERE, "相談の場所はどちらですか"),
    (Kind.WHY, "なぜプランを作ったのですか"),
    (Kind.WHY, "策定の理由を教えてください"),
    (Kind.WHY, "どうして緑を増やすのですか"),
    (Kind.WHY, "プランの目的は何ですか"),
    (Kind.WHY, "なんで改定したん?"),
    (Kind.HOW, "ごみをどうやって減らすのですか"),
    (Kind.HOW, "どのように進めますか"),
    (Kind.HOW, "減量の方法を教えてください"),
    (Kind.HOW, "進み具合はどうなっていますか"),
    (Kind.LIST, "行動指針をすべて教えてください"),
    (Kind.LIST, "指標の一覧がほしい"),
    (Kind.LIST, "会議のメンバーを知りたい"),
    (Kind.LIST, "3つの分野は何ですか"),
    (Kind.LIST, "どんな取組がありますか"),
    (Kind.LIST, "行動指針を挙げてください"),
    (Kind.DEFINITION, "カーボンニュートラルとは"),
    (Kind.DEFINITION, "みどり推進本部って何?"),
    (Kind.DEFINITION, "脱炭素の意味を教えてください"),
    (Kind.DEFINITION, "環境会議というのは何ですか"),
    (Kind.CONTACT, "環境政策課の電話番号は?"),
    (Kind.CONTACT, "問い合わせ先を教えてください"),
    (Kind.CONTACT, "担当のメールアドレスを知りたい"),
    (Kind.CONTACT, "市役所の住所は"),
    (Kind.YESNO, "家庭ごみは減りましたか"),
    (Kind.YESNO, "プランは毎年見直しますか"),
    (Kind.YESNO, "植樹は続いているのですか"),
    (Kind.WHAT, "基本理念は何ですか"),
    (Kind.WHAT, "プラン2.0の基本理念"),
    (Kind.WHAT, "どの公園が芝生になりますか"),
    # The interrogative tells the kind, whatever nouns stand in other clauses.
    (Kind.QUANTITY, "計画期間の終わりまでに担い手を何経営体増やしますか"),
    (Kind.QUANTITY, "最終年度の目標は何立方メートルですか"),
    (Kind.QUANTITY, "補助金を使った世帯は全部で何戸ですか"),
    (Kind.QUANTITY, "電話で予約した人は何割いますか"),
    (Kind.QUANTITY, "バスはいちばん多い時間帯に何便走りますか"),
    (Kind.WHEN, "改修工事が終わったのはいつでしょうか"),
    (Kind.WHEN, "料金が変わるのはいつですか"),
    (Kind.WHEN, "橋の工事はいつ終わりますか"),
    (Kind.PERIOD, "計画が終わるのはいつですか"),
    (Kind.PERIOD, "申請の期限は何月何日ですか"),
    (Kind.WHAT, "費用を町が負担した人にはどのような義務がありますか"),
    (Kind.HOW, "料金の減免はどのように申請しますか"),
    (Kind.WHY, "料金が上がったのはなぜですか"),
    (Kind.WHY, "使用料を見直す理由を教えてください"),
    (Kind.WHERE, "手数料はどこで払えますか"),
    (Kind.WHERE, "参加者の割合が一番高い地区はどこですか"),
    (Kind.WHO, "補助金の担当はどの部署ですか"),
    (Kind.WHO, "事業を担当している課はどちらですか"),
    (Kind.WHO, "値上げに反対した委員は誰でしたか"),
    (Kind.WHO, "欠席した人の名前を知りたい"),
    (Kind.WHO, "会長のお名前をお願いします"),
    # Without one, the last noun that has a kind does.
    (Kind.PERIOD, "手数料の支払い期限を教えて"),
    (Kind.MONEY, "期限を過ぎたときの手数料を教えて"),
    (Kind.WHERE, "使用料の支払い場所は"),
    (Kind.HOW, "補助金の申請の流れを説明してください"),
    (Kind.WHEN, "計画を見直す年度を教えてください"),
    (Kind.WHEN, "説明会の日時と持ち物"),
    # What only looks like it is none of it.
    (Kind.YESNO, "夜に延長してもらうことはできますか"),
    (Kind.WHAT, "市民が町に望んでいることは何"),
    (Kind.WHAT, "認めるにあたって何が決まったか"),
    (Kind.WHAT, "デイケアとデイサービスって何が違うの"),
    (Kind.YESNO, "祭りは予定の時期に開かれたのですか"),
    (Kind.YESNO, "料金交渉を代わってもらうことはできますか"),
    (Kind.YESNO, "図書はいつでも返せますか"),
    (Kind.YESNO, "券はどの店でも使えますか"),
    (Kind.WHERE, "券はどこでもらえますか"),
    (Kind.QUANTITY, "雪はどんくらい積もるの"),
    (Kind.WHO, "罹災の届けはどの窓口ですか"),
    (Kind.PERIOD, "本計画の終期はいつですか"),
    (Kind.PERIOD, "委員の任期は何年ですか"),
    (Kind.PERIOD, "許可の有効期間を知りたい。何年でしょうか"),
    (Kind.WHEN, "創立の記念式を知りたい。何年でしょうか"),
]


@pytest.mark.parametrize(("kind", "text"), KINDS)
def test_the_wording_tells_the_kind_of_answer(kind: Kind, text: str) -> None:
    """Each kind of question is known by its interrogative, also spoken and cut short."""
    assert understand(text).kind is kind


OPENINGS = [
    "お忙しいところ恐れ入ります。市民の者です。{}",
    "ちょっとお聞きしたいのですが、{}",
    "こんにちは。{}",
    "孫が小学校に通っています。{}",
    "広報で読みました!{}",
]
ENDINGS = ["{} よろしくお願いします。", "{}至急教えてください。", "{}わかる範囲で教えて!", "{}回答をお願いします。"]


@pytest.mark.parametrize("frame", [*OPENINGS, *ENDINGS])
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.PERIOD, "プランの期間はいつまでですか?"),
        (Kind.QUANTITY, "植樹は何本でしたか?"),
        (Kind.WHY, "なぜプランを作ったのですか?"),
    ],
)
def test_politeness_around_a_question_does_not_change_it(kind: Kind, text: str, frame: str) -> None:
    """Greetings, occasions and thanks before and behind are not what is asked."""
    assert understand(frame.format(text)).kind is kind


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.PERIOD, "プラン 期間"),
        (Kind.QUANTITY, "植樹 何本"),
        (Kind.QUANTITY, "講座 参加者数"),
        (Kind.CONTACT, "環境政策課 電話番号"),
        (Kind.WHEN, "会議 いつ"),
        (Kind.LIST, "行動指針 一覧"),
    ],
)
def test_two_words_without_particles_are_a_question(kind: Kind, text: str) -> None:
    """What people type into a search box is understood like a sentence."""
    assert understand(text).kind is kind


@pytest.mark.parametrize("text", ["", "   ", "。。。", "???", "Hello", "🌱"])
def test_any_text_can_be_understood(text: str) -> None:
    """A text without a question gives a result without terms that must be covered by documents in Japanese."""
    assert understand(text).kind is Kind.WHAT


@pytest.mark.parametrize(
    ("text", "yesno"),
    [
        ("目標は達成できましたか?", True),
        ("目標に届かなかったの?", True),
        ("プランは毎年見直すんですか", True),
        ("植樹は続いていますでしょうか。", True),
        ("いつ達成しましたか", False),
        ("何本植えましたか", False),
        ("教えてもらえますか", False),
        ("基本理念は", False),
    ],
)
def test_yes_or_no_is_asked_without_an_interrogative(text: str, *, yesno: bool) -> None:
    """A question ends in か or ? and has no word like いつ or 何."""
    assert understand(text).yesno is yesno


@pytest.mark.parametrize(
    ("text", "compares"),
    [
        ("前のプランと今のプランの違いは?", True),
        ("分野1と分野2を比べてください", True),
        ("どこが変わったのですか", True),
        ("植樹と公園の実績はそれぞれいくつですか", True),
        ("新旧の期間を教えて", True),
        ("プランの期間は?", False),
        ("基本理念は何ですか", False),
    ],
)
def test_a_comparison_is_heard(text: str, *, compares: bool) -> None:
    """違い, 比べる, 変わった and それぞれ set things side by side."""
    assert understand(text).compares is compares


@pytest.mark.parametrize("wide", ["プランの期間はいつまで？", "ﾌﾟﾗﾝの期間はいつまで?", "プランの期間はいつまで?"])
def test_width_of_characters_makes_no_difference(wide: str) -> None:
    """Full-width and half-width writing give one question."""
    assert understand(wide) == understand("プランの期間はいつまで?")
