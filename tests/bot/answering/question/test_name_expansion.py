import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from bot.answering.question.office_dictionary import make_entry
from bot.answering.question.spelling import SpellingCorrector
from bot.answering.state import Status
from bot.errors import DictionaryError
from bot.running.service.service import Service, open_service
from ingest.configuration.settings import Settings
from ingest.documents import Passage
from tests.bot.answering.question.leaflet import ask, build_leaflet
from tests.bot.model_server import Behaviour, ModelServer, says


@pytest.fixture(scope="module")
def leaflet(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return build_leaflet(tmp_path_factory.mktemp("leaflet"))


@pytest.fixture
def service(leaflet: Settings) -> Iterator[Service]:
    (leaflet.data / "dictionary.csv").unlink(missing_ok=True)
    with open_service(leaflet) as opened:
        yield opened


def save(service: Service, name: str, official: str) -> str:
    entry = make_entry(name, official)
    service.names.dictionary.change("", entry)
    return entry.key


def test_an_answer_with_an_official_name_has_a_remark(service: Service) -> None:
    assert "150円" not in ask(service, "ぐるっと号はいくら?").answer[:60]
    save(service, "ぐるっと号", "地域循環バス")
    answer = ask(service, "ぐるっと号はいくら?")
    assert answer.status in {Status.ANSWERED, Status.PARTIAL}
    assert "150円" in answer.answer
    assert answer.question_understood == "ぐるっと号はいくら?"
    assert answer.notices[0] == "「ぐるっと号」は「地域循環バス」として探しました。"


@pytest.mark.parametrize("noun", ["費用", "申請"])
def test_an_everyday_noun_is_no_name(service: Service, noun: str) -> None:
    with pytest.raises(DictionaryError, match="言葉を足して"):
        save(service, noun, "地域循環バス")


def test_a_name_at_the_end_of_a_long_question_is_searched_and_the_answer_says_that_it_is_partial(
    service: Service,
) -> None:
    save(service, "ぐるっと号", "地域循環バス")
    long = "、".join(f"第{n}町内会" + chr(0x4E00 + 7 * n) for n in range(90))
    answer = ask(service, f"{long}、ぐるっと号はいくら?")
    assert any("分けてお尋ね" in notice for notice in answer.notices)
    assert answer.status is not Status.ANSWERED


@pytest.mark.parametrize("typed", ["グルット号", "ぐるっと 号", "ぐるっと號"])
def test_kana_spaces_and_old_characters_do_not_matter(service: Service, typed: str) -> None:
    save(service, "ぐるっと号", "地域循環バス")
    assert "150円" in ask(service, f"{typed}の運賃は?").answer


def test_an_entry_takes_effect_in_other_processes(service: Service, leaflet: Settings) -> None:
    with open_service(leaflet) as other:
        before = ask(other, "ぐるっと号の運賃は?")
        saved = save(service, "ぐるっと号", "地域循環バス")
        assert ask(other, "ぐるっと号の運賃は?").notices != before.notices
        service.names.dictionary.change(saved, None)
        assert ask(other, "ぐるっと号の運賃は?").notices == before.notices


def test_a_name_within_a_longer_name_is_not_replaced(service: Service) -> None:
    save(service, "センター", "総合福祉センター")
    assert ask(service, "子育て支援センターの利用に必要なことは?").notices == ()
    assert ask(service, "総合福祉センターの浴室はだれが使える?").notices == ()
    assert "60歳" in ask(service, "センターの浴室はだれが使える?").answer


def test_an_ambiguous_name_is_searched_with_both_official_names(service: Service) -> None:
    save(service, "ジム", "第一体育館")
    save(service, "ジム", "第二体育館")
    answer = ask(service, "ジムの開館時間は?")
    assert answer.notices == ("「ジム」は「第一体育館」「第二体育館」として探しました。",)
    assert {"21時", "18時"} == {hour for hour in ("21時", "18時") if hour in answer.answer}


def test_a_language_model_gets_the_official_name(
    leaflet: Settings, model_server: Callable[[Behaviour], ModelServer]
) -> None:
    prompts = list[str]()

    def reply(request: Mapping[str, Any]) -> str:
        prompts.append("\n".join(message["content"] for message in request["messages"]))
        passage = re.search(r"\[(\d+)\]\n地域循環バスの運賃は", prompts[-1])
        return f"地域循環バスの運賃は、大人150円です[{passage[1] if passage else 1}]。"

    models = model_server(says(reply)).models()
    settings = leaflet.model_copy(update={"llm": models, "llm_judge": False, "llm_queries": False})
    (settings.data / "dictionary.csv").unlink(missing_ok=True)
    with open_service(settings) as service:
        save(service, "ぐるっと号", "地域循環バス")
        answer = ask(service, "ぐるっと号はいくら?")
    assert any("質問の「ぐるっと号」は、文書では「地域循環バス」と呼ばれるもの" in prompt for prompt in prompts)
    assert "150円" in answer.answer
    assert answer.generator != "extractive"
    assert answer.notices[0] == "「ぐるっと号」は「地域循環バス」として探しました。"


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
