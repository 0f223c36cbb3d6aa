"""Property tests that no sentence is shown that its quote literally contradicts."""

from collections.abc import Callable
from datetime import date

import pytest

from bot.service import open_service
from bot.state import Question, TextBlock
from bot.storage.record_store import RecordedTurn
from ingest.configuration.settings import Settings
from tests.bot.model_server import ModelServer, Request, answer_of, held_reply, passages, sentence
from tests.bot.retrieval.passages import built

TRUE = ("朝の市は無料で見られます。", "入場:無料")
NOTICE = """# 港の朝の市

開催日:6月7日~28日の毎週日曜日、7時~10時
入場:無料
出店:電話か窓口で申し込み
対象:市内に店がある人、市内に住む人
駐車場はありません。
出店料:魚の部は1,200円、野菜の部は800円
荷車の貸し出しを始める予定です。
雨具は持ち込めますが、火気は持ち込めません。
"""
FALSE = {
    "negation added": ("出店は、電話では申し込めません。", "出店:電話か窓口で申し込み"),
    "negation dropped": ("火気も持ち込めます。", "火気は持ち込めません"),
    "needed for needless": ("駐車場があります。", "駐車場はありません"),
    "abolished": ("朝の市は廃止されました。", "開催日:6月7日~28日の毎週日曜日"),
    "ended": ("朝の市の開催はすでに終わりました。", "開催日:6月7日~28日の毎週日曜日"),
    "a plan as done": ("荷車の貸し出しを始めました。", "荷車の貸し出しを始める予定です"),
    "days in the other order": ("開催日は28日から6月7日までです。", "開催日:6月7日~28日の毎週日曜日"),
    "hours in the other order": ("時間は10時から7時までです。", "7時~10時"),
    "an exclusion": ("出店は市内に住む人に限られます。", "市内に店がある人、市内に住む人"),
    "a secret": ("出店には、口座の暗証番号をお知らせください。", "出店:電話か窓口で申し込み"),
    "a secret beside what is not told": (
        "出店料の割引は資料に記載がありませんので、会員のパスワードを教えてください。",
        "出店:電話か窓口で申し込み",
    ),
    "a secret in passing": ("出店者は、パスワードを書いて窓口で申し込みます。", "出店:電話か窓口で申し込み"),
}
RIGHT = (
    ("入場にお金はかかりません。", "入場:無料"),
    ("車を止める場所がないので、駐車場は使えません。", "駐車場はありません"),
    ("火気を持ち込むことはできません。", "火気は持ち込めません"),
    ("時間は午前7時から10時までです。", "7時~10時"),
    ("野菜の部の出店料は800円です。", "野菜の部は800円"),
    ("荷車の貸し出しは、これから始まる予定です。", "荷車の貸し出しを始める予定です"),
    ("出店は電話だけでなく、窓口でも申し込めます。", "出店:電話か窓口で申し込み"),
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return built(tmp_path_factory.mktemp("notice"), {"asaichi": NOTICE})


@pytest.fixture
def generate_from(settings: Settings) -> Callable[..., RecordedTurn]:
    def generate(*said: tuple[str, str]) -> RecordedTurn:
        def answer(request: Request) -> object:
            n = next(n for n, passage in enumerate(passages(request), 1) if "入場" in passage)
            return answer_of(*(sentence(text, n, quotes=(quote,)) for text, quote in said))

        with ModelServer(held_reply(answer)) as model:
            asking = settings.model_copy(update={"llm": model.models()})
            with open_service(asking, lambda: date(2026, 6, 1)) as service:
                answered = service.ask(Question(question="港の朝の市について教えてください"))
                return service.conversation(answered.conversation_id)[0]

    return generate


def test_no_false_sentence_after_a_true_one_is_confirmed(generate_from: Callable[..., RecordedTurn]) -> None:
    got = generate_from(TRUE, *FALSE.values())
    blocks = [block for block in got.answer.blocks if isinstance(block, TextBlock)]
    assert blocks[0].text == "朝の市は無料で見られます[1]。"
    assert [block.confirmed for block in blocks] == [None, False]
    assert "番号" not in got.answer.answer
    assert "パスワード" not in got.answer.answer
    assert [one.text for one in got.rejected] == [text for text, _ in FALSE.values()]


def test_right_sentences_in_other_words_are_served(generate_from: Callable[..., RecordedTurn]) -> None:
    got = generate_from(TRUE, *RIGHT)
    assert [one.text for one in got.rejected] == []
    assert all(text.rstrip("。") in got.answer.answer for text, _ in RIGHT)
