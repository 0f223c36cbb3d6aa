"""Readings and meanings in brackets."""

import re

import pytest

from bot.plain.glossary import glossary
from bot.plain.kanji import is_hard
from bot.plain.notes import Notes, without_notes

MEANINGS = {
    w: glossary()[w]
    for w in ("策定", "比較", "電子申請", "オープンデータ", "BYOD端末", "施策", "図る", "寄り添う", "DX")
}
NOTED = [
    ("計画を策定します", "計画を策定（さくてい＝考えて作ること）します"),
    ("値を策定と比較します", "値（あたい）を策定（さくてい＝考えて作ること）と比較（ひかく＝くらべること）します"),
    ("紙の提出", "紙の提出（ていしゅつ）"),
    ("電子申請会に行きます", "電子申請会（でんししんせいかい。電子申請＝インターネットで役所に出すこと）に行きます"),
    ("オープンデータを見ます", "オープンデータ（＝だれでも使ってよいデータ）を見ます"),
    ("BYOD端末です", "BYOD端末（BYODたんまつ＝自分のもので、しごとに使うスマートフォンなど）です"),
    ("意見を届けました", "意見を届けました（とどけました）"),
    ("高めていきます", "高めていきます"),
    ("改革を図りながら", "改革（かいかく）を図りながら（＝うまくいくようにする）"),
    ("DX推進に向けて", "DX推進（すいしん。DX＝コンピューターでくらしやしごとをよくすること）に向けて"),
    ("「よりそいホットライン」です", "「よりそいホットライン」です"),
    ("参加者数の集計", "参加者数（さんかしゃすう）の集計"),
    ("施策等を行います", "施策（しさく＝市が行うこと）等（など）を行います"),
    ("会議に行きます", "会議（かいぎ）に行きます"),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "noted"), NOTED)
def test_hard_words_are_read_and_explained_in_place(sentence: str, noted: str) -> None:
    """A reading behind what has kanji of the fourth year and later, a meaning behind a word of the glossary."""
    assert Notes(MEANINGS).put(sentence) == noted


def test_a_note_is_given_once_an_answer() -> None:
    """What has been read and explained stands bare from then on."""
    notes = Notes(glossary())
    assert "（" in notes.put("施策を策定します。")
    assert notes.put("施策を策定します。") == "施策を策定します。"


FIGURES = [
    "令和8(2026)年度から令和11(2029)年度までの4か年",
    "95%(198件/207件)",
    "50%減(600万枚減)",
    "R5.1月",
    "第4回",
    "1,318回",
]


@pytest.mark.parametrize("figure", FIGURES)
def test_no_note_stands_in_a_figure_or_a_date(figure: str) -> None:
    """They are kept letter for letter."""
    assert figure in Notes(glossary()).put(f"達成状況は{figure}です")


def test_a_title_is_kept_whole() -> None:
    """Its reading stands behind it, and no word in it is explained."""
    notes = Notes(glossary(), ["金沢市DXアクションプラン2.0"])
    assert notes.put("金沢市DXアクションプラン2.0です") == "金沢市DXアクションプラン2.0（かなざわし…）です"


def test_a_proper_name_is_read() -> None:
    """A place's name is no word that one could look up."""
    assert Notes({}).put("金沢市の会です") == "金沢市（かなざわし）の会です"


UNSURE = [
    "結ネットを使います",  # ゆいねっと, not けつ
    "大迫部長が話しました",  # a person, who knows how it is read
    "あおば浜市の会です",  # not はまいち
    "病児の会です",  # びょうじ, not やまいじ
    "一冊です",  # いっさつ, not いちさつ
]


@pytest.mark.parametrize("sentence", UNSURE)
def test_what_may_be_read_otherwise_has_no_reading(sentence: str) -> None:
    """A wrong reading is worse than none."""
    assert Notes({}).put(sentence) == sentence


def test_few_words_are_explained_in_one_sentence() -> None:
    """With more the sentence itself would be lost; the others are explained where they come next."""
    sentence = "施策の推進、検証、醸成、拡充"
    assert Notes(glossary()).put(sentence).count("＝") == 2


@pytest.mark.parametrize(("sentence", "_"), NOTED)
def test_without_its_notes_the_sentence_is_what_it_was(sentence: str, _: str) -> None:
    """Notes only add."""
    assert without_notes(Notes(glossary()).put(sentence)) == sentence


def test_meanings_are_easier_than_their_words() -> None:
    """No kanji that needs a reading, no figure that a reader might take for the document's, and few words."""
    hard = {
        word: meaning for word, meaning in glossary().items() if is_hard(meaning) or re.search(r"[\d（）]", meaning)
    }
    assert hard == {}
    assert max(map(len, glossary().values())) <= 26
    assert len(glossary()) > 400
