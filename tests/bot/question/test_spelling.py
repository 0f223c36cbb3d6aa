"""Tests of the correction of a question to the spelling of the documents."""

import pytest

from bot.question.spelling import SpellingCorrector
from ingest.documents import Passage

TEXTS = (
    "道具館の開館時間は午前9時から午後5時までです。体験教室の参加者を募集します。",
    "オンライン予約とカヌー体験、キャンピングカーの駐車場があります。",
    "市長は避難所の備蓄を視察しました。ストーブの貸出は管理事務所で受け付けます。",
)


@pytest.fixture(scope="module")
def spelling() -> SpellingCorrector:
    return SpellingCorrector([Passage(f"d#{n}", "d", "text", ("案内",), text, (n,)) for n, text in enumerate(TEXTS)])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("かいかんじかんは?", "開館時間は?"),
        ("避難所のびちくは?", "避難所の備蓄は?"),
        ("たいけんきょうしつの参加者は?", "体験教室の参加者は?"),
    ],
)
def test_words_in_kana_are_those_of_the_documents(spelling: SpellingCorrector, typed: str, meant: str) -> None:
    assert spelling(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("オンランの予約は?", "オンラインの予約は?"),
        ("オンラインンの予約は?", "オンラインの予約は?"),
        ("キヤンピングカーは?", "キャンピングカーは?"),
        ("キャンピングカの駐車場は?", "キャンピングカーの駐車場は?"),
        ("ストーフの貸出は?", "ストーブの貸出は?"),
    ],
)
def test_a_typo_in_katakana_is_corrected(spelling: SpellingCorrector, typed: str, meant: str) -> None:
    assert spelling(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("びちくひんの期限は?", "びちくひんの期限は?"),
        ("びちくはありますか", "備蓄はありますか"),
        ("びちくじむしょは?", "備蓄事務所は?"),
        ("さんかしゃさんは?", "参加者さんは?"),
        ("びちくいくらですか", "備蓄いくらですか"),
        ("かいかんごはいくらですか", "かいかんごはいくらですか"),
    ],
    ids=[
        "a suffix goes on",
        "a particle follows",
        "another known word follows",
        "an honorific",
        "a word that asks",
        "a part of it follows",
    ],
)
def test_part_of_a_word_is_not_respelled(spelling: SpellingCorrector, typed: str, meant: str) -> None:
    assert spelling(typed) == meant


def test_an_interrogative_after_a_particle_is_not_respelled() -> None:
    spelling = SpellingCorrector([Passage("d#1", "d", "text", (), "みどりハイツの修繕をします。", (1,))])
    assert spelling("プールはいつまで") == "プールはいつまで"
    assert spelling("センターはいつまで") == "センターはいつまで"
    assert spelling("市営のはいつ空きますか") == "市営のはいつ空きますか"
    assert spelling("はいつの修繕は?") == "ハイツの修繕は?"


def test_a_pronoun_is_not_respelled() -> None:
    spelling = SpellingCorrector([Passage("d#1", "d", "text", (), "ナンデちゃんの漫画です。ドコモの店です。", (1,))])
    assert spelling("なんで?") == "なんで?"
    assert spelling("休みはどこもですか") == "休みはどこもですか"


def test_verb_form_is_not_respelled() -> None:
    spelling = SpellingCorrector([Passage("d#1", "d", "text", (), "相手と話します。", (1,))])
    assert spelling("道路に穴があいてて危ない") == "道路に穴があいてて危ない"


def test_the_name_of_a_town_is_known_in_kana() -> None:
    passage = Passage("d#1", "d", "text", (), "かなざわは今日も晴れです。", (1,))
    spelling = SpellingCorrector([passage], names=("金沢市",))
    assert spelling("かなざわしで苗木を配りますか") == "金沢市で苗木を配りますか"
    assert spelling("苗木はありますか。かなざわ です") == "苗木はありますか。金沢 です"


def test_a_compound_is_known_as_it_is_spoken(spelling: SpellingCorrector) -> None:
    assert spelling("ひなんじょはどこですか") == "避難所はどこですか"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "開館時間は何時から何時までですか?",
        "どこで受け付けていますか",
        "オンライン予約はできますか",
        "スポーツの教室はありますか",
        "のこぎりはありますか",
        "いつまでですか",
        "わかりやすく教えてください",
        "canoe は?",
        "2026年度の参加者は?",
    ],
)
def test_correct_text_is_unchanged(spelling: SpellingCorrector, text: str) -> None:
    assert spelling(text) == text


def test_an_ambiguous_typo_is_unchanged() -> None:
    spelling = SpellingCorrector([Passage("d#1", "d", "text", (), "ボートンとボータンがあります。", (1,))])
    assert spelling("ボーテンは?") == "ボーテンは?"


def test_without_documents_the_question_is_unchanged() -> None:
    assert SpellingCorrector(())("かいかんじかんは?") == "かいかんじかんは?"


def test_a_name_that_the_documents_write_in_kana_stays_so() -> None:
    told = Passage("d#1", "d", "text", ("かなざわネットの加入",), "金沢市の広報かなざわで知らせます。", (1,))
    spelling = SpellingCorrector([told], names=["金沢市"])
    assert spelling("かなざわネットはいくら") == "かなざわネットはいくら"
    assert spelling("広報かなざわは届きますか") == "広報かなざわは届きますか"
    assert spelling("かなざわのごみの日は") == "金沢のごみの日は"
