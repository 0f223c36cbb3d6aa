"""What tells how a question came to be asked is no part of it; the matter that is told there is."""

from datetime import date
from pathlib import Path

import pytest

from bot.understand.frame import without_frame
from tests.bot.asking import answered
from tests.bot.town import asking_over

FRAMED = [
    ("お客様から、除雪の出動は何センチからかと聞かれています。", "除雪の出動は何センチからか。"),
    ("住民の方に、温泉の回数券はいくらか聞かれました", "温泉の回数券はいくらか"),
    ("温泉の回数券はいくらですか、窓口で聞かれました", "温泉の回数券はいくらですか"),
    ("墓地の使用料はいくらか、とのお問い合わせです。", "墓地の使用料はいくらか。"),
    ("浄化槽の清掃は年に何回か、お問い合わせがありました。", "浄化槽の清掃は年に何回か。"),
    ("市民から犬の登録について質問がありました。", "犬の登録。"),
    ("申請者から、結果はいつ届くのかと問い合わせが来ています。", "結果はいつ届くのか。"),
    ("水道管を替える件の問い合わせを受けています。担当課はどこですか", "水道管を替える。担当課はどこですか"),
    ("相談者から除雪を頼めるかと聞かれました。どう案内すればよいですか。", "除雪を頼めるか。"),
    ("町民の方からです。電話で聞かれているのですが、墓地はいくらですか", "町民の方からです。墓地はいくらですか"),
    ("上司に聞かれたのですが、町有林は何ヘクタールですか", "町有林は何ヘクタールですか"),
    ("議員から町有林の面積を聞かれているのですが、目標は?", "町有林の面積。目標は?"),
    ("お客様からのお問い合わせです。墓地はいくらですか?", "墓地はいくらですか?"),
    ("犬の登録を聞かれたらどう答えればいいですか", "犬の登録"),
    ("会議の日程を確認したいのですが。", "会議の日程を教えてください。"),
    ("対象になるか確認したいのですが", "対象になるか"),
    ("転入の手続きについて案内してください", "転入の手続きを教えてください"),
    ("欠席した委員の名前を知りたいとのことです", "欠席した委員の名前を知りたい"),
    ("温泉に無料で入りたいという方への案内を教えてください", "温泉に無料で入りたい"),
    ("温泉の回数券を買いたいというお客様です。いくらですか", "温泉の回数券を買いたい。いくらですか"),
    ("墓じまいをしたいという方がお見えです。窓口はどこですか", "墓じまいをしたい。窓口はどこですか"),
]


@pytest.mark.parametrize(("said", "asked"), FRAMED)
def test_who_asked_and_that_it_is_to_be_told_on_is_taken_off(said: str, asked: str) -> None:
    """Reports of an inquiry, before, behind or around the question, and the wish to confirm or hand on its answer."""
    assert without_frame(said) == asked


@pytest.mark.parametrize(
    "text",
    [
        "相談窓口はどこですか",
        "案内板は何枚ありますか",
        "お客様満足度は何%でしたか",
        "問い合わせ件数は何件でしたか",
        "市民から寄せられた要望は何件ありましたか",
        "電話相談の受付時間は?",
        "クマに遭ったらどう対応すればよいですか",
        "寄せられた相談にどのように回答していますか",
        "どの課に相談すればいいですか",
        "住民説明会で質問は何件ありましたか",
        "確認申請の手数料は?",
        "問い合わせがありました",
        "どう案内すればよいですか",
        "",
    ],
)
def test_the_same_words_as_the_matter_itself_stay(text: str) -> None:
    """Inquiries, guidance and visitors that the question is about are its words, and a frame alone is left."""
    assert without_frame(text) == text


def test_a_question_in_a_frame_is_answered_like_the_question_alone(tmp_path: Path) -> None:
    """No document has the words of the frame."""
    (tmp_path / "texts").mkdir()
    text = "# 雪国町除雪計画\n\n## 出動の基準\n\n新しい雪が12センチ積もったときに、除雪車が出動します。\n"
    (tmp_path / "texts" / "plan.md").write_text(text, encoding="utf-8")
    with asking_over(tmp_path / "texts", tmp_path / "data", date(2025, 12, 1)) as ask:
        answer = ask("お客様から、除雪車は雪が何センチ積もったら出動するのかと聞かれました。どう案内すればよいですか。")
        answered(answer, "12センチ")
