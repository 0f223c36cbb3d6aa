"""Questions in the documents' spelling: kana for kanji, size of kana, long marks, one slip of a letter."""

from datetime import date

import pytest

from bot.answer import Question
from bot.turn import Turn
from bot.understand.question import understand
from bot.understand.respell import Respell
from ingest.documents import Passage


def passage(text: str, *path: str) -> Passage:
    return Passage("d#1", "d", "text", path, text, (1,))


RESPELL = Respell(
    [
        passage("行政手続きのオンライン化を進め、テレワークを広げます。", "1.3. 計画期間"),
        passage("チャットボットの利用件数と、カーボンニュートラルの実現。", "みどり推進本部"),
        passage("結ネットは自治会の連絡アプリです。フェスティバルを開きます。", "2.1. 基本理念"),
        passage("バスの利用率は上がり、予約は事務局が受けます。会議の効果と同化、使用機能、馬と委員、市長の協議。"),
        passage("モビリティ・マネジメントとデマンド交通、センターのハザードマップ。"),
    ]
)

KANA = [
    ("けいかくきかん", "計画期間"),
    ("プランの けいかくきかん 教えて", "プランの 計画期間 教えて"),
    ("きほんりねん は?", "基本理念 は?"),
    ("おんらいん化の割合", "オンライン化の割合"),
    ("てれわーく 回数", "テレワーク 回数"),
    ("すいしんほんぶ", "推進本部"),
    ("バスのりようりつに含まれますか", "バスの利用率に含まれますか"),
    ("どうやってよやくすればいいの", "どうやって予約すればいいの"),
    ("第2回のかいぎで決まったこと", "第2回の会議で決まったこと"),
    ("交通会議のじむきょくはどこ", "交通会議の事務局はどこ"),
    ("高速ばすの停留所", "高速バスの停留所"),
    ("しちょう以外にいるのは", "市長以外にいるのは"),
    ("もびりてぃまねじめんととは", "モビリティ・マネジメントとは"),
    ("せいれき何年", "西暦何年"),
]


@pytest.mark.parametrize(("written", "meant"), KANA)
def test_a_word_of_the_documents_in_kana(written: str, meant: str) -> None:
    """A run of hiragana that is the reading of a word, or of words that stand together, becomes it."""
    assert RESPELL.respell(written) == meant


SMALL_KANA = [
    ("チヤツトボツトの件数", "チャットボットの件数"),
    ("結ネツトとは", "結ネットとは"),
    ("フエステイバルはいつ", "フェスティバルはいつ"),
]


@pytest.mark.parametrize(("written", "meant"), SMALL_KANA)
def test_small_kana_typed_large(written: str, meant: str) -> None:
    """ツ for ッ and ヤ for ャ are the same word."""
    assert RESPELL.respell(written) == meant


SLIPS = [
    ("オンラン化の割合", "オンライン化の割合"),
    ("オンラインン化の割合", "オンライン化の割合"),
    ("オンレイン化の割合", "オンライン化の割合"),
    ("テレワクの回数", "テレワークの回数"),
    ("チャットボトの件数", "チャットボットの件数"),
    ("チャトボットの件数", "チャットボットの件数"),
    ("デマド交通とは", "デマンド交通とは"),
    ("センタの場所", "センターの場所"),
    ("ハザドマップはどこ", "ハザードマップはどこ"),
    ("会議のの議題", "会議の議題"),
    ("取組はは何ですか", "取組は何ですか"),
]


@pytest.mark.parametrize(("written", "meant"), SLIPS)
def test_one_slip_of_a_letter(written: str, meant: str) -> None:
    """A letter left out, doubled or mistaken, and a long mark left out, are put right in katakana."""
    assert RESPELL.respell(written) == meant


LEFT_ALONE = [
    "オンライン化の割合は",
    "ネットの利用は",
    "ボットとは",
    "テレビの台数は",
    "アプリの名前は",
    "ください",
    "おしえてください",
    "どのくらいですか",
    "ありがとうございます",
    "プランの期間は",
    "きのうの会議は",
    "しているかどうか",
    "どこに電話すればいいんでしたっけ",
    "話せばすむことですか",
    "何をしようとしていますか",
    "そのような母の会議は",
    "基本理念は",
    "Online化",
    "",
]


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_ordinary_words_are_left_alone(text: str) -> None:
    """Words that the documents have, and words that are none of theirs, stay as they are."""
    assert RESPELL.respell(text) == text


@pytest.mark.parametrize("text", ["リスト", "ドット", "ライン", "ワーク"])
def test_a_short_word_is_not_taken_for_a_slip(text: str) -> None:
    """Three or four letters are one letter away from too much by chance."""
    assert RESPELL.respell(f"{text}とは") == f"{text}とは"


def test_between_two_words_nothing_is_guessed() -> None:
    """A slip that could be either of two words stays."""
    respell = Respell([passage("センター長とレンター車")])
    assert respell.respell("テンター") == "テンター"


def test_headings_are_read_for_their_words() -> None:
    """A word that stands only in a heading is known as well."""
    assert Respell([passage("本文", "3.1. 移動図書車")]).respell("いどうとしょしゃ 何校") == "移動図書車 何校"


def test_a_respelt_question_is_understood_anew() -> None:
    """The terms of the turn are those of the documents' spelling."""
    text = "オンラン化の割合は"
    turn = RESPELL(Turn(Question(question=text), date(2026, 6, 1), text=text, asked=understand(text)))
    assert turn.text == "オンライン化の割合は"
    assert turn.asked == understand("オンライン化の割合は")
    assert turn.question.question == text


def test_a_question_that_needs_no_respelling_is_untouched() -> None:
    """The turn goes on as it came."""
    text = "オンライン化の割合は"
    turn = Turn(Question(question=text), date(2026, 6, 1), text=text, asked=understand(text))
    assert RESPELL(turn) is turn


def test_without_passages_nothing_is_respelt() -> None:
    """An empty index knows no words but those of asking."""
    assert Respell([]).respell("ぎょうせいてつづき") == "ぎょうせいてつづき"
