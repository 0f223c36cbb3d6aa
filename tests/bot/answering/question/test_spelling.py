import pytest

from bot.answering.question.spelling import SpellingCorrector
from ingest.documents import Passage

TEXTS = (
    "道具館の開館時間は午前9時から午後5時までです。体験教室の参加者を募集します。",
    "オンライン予約とカヌー体験、キャンピングカーの駐車場があります。",
    "市長は避難所の備蓄を視察しました。ストーブの貸出は管理事務所で受け付けます。",
)


CORRECTED = [
    ("かいかんじかんは?", "開館時間は?"),
    ("避難所のびちくは?", "避難所の備蓄は?"),
    ("たいけんきょうしつの参加者は?", "体験教室の参加者は?"),
    ("オンランの予約は?", "オンラインの予約は?"),
    ("オンラインンの予約は?", "オンラインの予約は?"),
    ("キヤンピングカーは?", "キャンピングカーは?"),
    ("キャンピングカの駐車場は?", "キャンピングカーの駐車場は?"),
    ("ストーフの貸出は?", "ストーブの貸出は?"),
    ("びちくひんの期限は?", "備蓄ひんの期限は?"),
    ("びちくはありますか", "備蓄はありますか"),
    ("びちくじむしょは?", "備蓄事務所は?"),
    ("さんかしゃさんは?", "参加者さんは?"),
    ("びちくいくらですか", "備蓄いくらですか"),
    ("かいかんごはいくらですか", "開館ごはいくらですか"),
    ("ひなんじょはどこですか", "避難所はどこですか"),
]
UNCHANGED = [
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
]
# Text of the documents, names of towns, what is typed and what is meant.
OF_OTHER_DOCUMENTS = [
    ("みどりハイツの修繕をします。", (), "プールはいつまで", "プールはいつまで"),
    ("みどりハイツの修繕をします。", (), "センターはいつまで", "センターはいつまで"),
    ("みどりハイツの修繕をします。", (), "市営のはいつ空きますか", "市営のはいつ空きますか"),
    ("みどりハイツの修繕をします。", (), "はいつの修繕は?", "ハイツの修繕は?"),
    ("ナンデちゃんの漫画です。ドコモの店です。", (), "なんで?", "なんで?"),
    ("ナンデちゃんの漫画です。ドコモの店です。", (), "休みはどこもですか", "休みはどこもですか"),
    ("相手と話します。", (), "道路に穴があいてて危ない", "道路に穴があいてて危ない"),
    ("かなざわは今日も晴れです。", ("金沢市",), "かなざわしで苗木を配りますか", "金沢市で苗木を配りますか"),
    ("かなざわは今日も晴れです。", ("金沢市",), "苗木はありますか。かなざわ です", "苗木はありますか。金沢 です"),
    ("ボートンとボータンがあります。", (), "ボーテンは?", "ボーテンは?"),
    ("金沢市の広報かなざわで知らせます。", ("金沢市",), "広報かなざわは届きますか", "広報かなざわは届きますか"),
    ("金沢市の広報かなざわで知らせます。", ("金沢市",), "かなざわのごみの日は", "金沢のごみの日は"),
]


@pytest.fixture(scope="module")
def spelling() -> SpellingCorrector:
    return SpellingCorrector([Passage(f"d#{n}", "d", "text", ("案内",), text, (n,)) for n, text in enumerate(TEXTS)])


@pytest.mark.parametrize(("typed", "meant"), [*CORRECTED, *((text, text) for text in UNCHANGED)])
def test_only_misspelled_words_are_those_of_the_documents(spelling: SpellingCorrector, typed: str, meant: str) -> None:
    assert spelling(typed) == meant


@pytest.mark.parametrize(("text", "names", "typed", "meant"), OF_OTHER_DOCUMENTS)
def test_names_and_pronouns_are_told_apart(text: str, names: tuple[str, ...], typed: str, meant: str) -> None:
    assert SpellingCorrector([Passage("d#1", "d", "text", (), text, (1,))], names=names)(typed) == meant


def test_a_heading_in_kana_stays_so() -> None:
    told = Passage("d#1", "d", "text", ("かなざわネットの加入",), "金沢市が知らせます。", (1,))
    assert SpellingCorrector([told], names=["金沢市"])("かなざわネットはいくら") == "かなざわネットはいくら"
