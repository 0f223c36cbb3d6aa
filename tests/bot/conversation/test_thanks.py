"""Tests of thanks, which are no question in any language of the pages."""

from time import thread_time

import pytest
from fastapi.testclient import TestClient

from bot.conversation import smalltalk
from bot.server.api import create_app
from bot.service import Service
from bot.state import Status
from ingest.configuration.settings import Settings
from tests.bot.conversation.conversation import turn
from tests.bot.draft_rendering import message_text, text_of

pytest_plugins = ["tests.bot.city_index"]
THANKS = """
ありがと〜 / 有難うございます。 / どうもありがとう! / いつもありがとうございます / 本当に助かりました / とても助かります
よく分かりました / とてもよく分かりました。ありがとうございます / 分かりやすかったです / やさしい説明でした
簡単に教えてくれてありがとう / わかりやすい説明をありがとう / やさしい言葉で助かりました
難しい話を短くしてくれて感謝します
渡船の時刻を教えていただき、ありがとうございました / おかげで解決しました。ありがとう / もう大丈夫です
納得しました / おおきに
Thanks! / thank you so much / ok, thanks a lot / Thank you for your help. / 谢谢 / 非常感谢您的帮助! / 好的,谢谢 / 謝謝
cảm ơn bạn / Xin cảm ơn rất nhiều / obrigada / Muito obrigado pela ajuda!
"""
NO_THANKS = """
もっと簡単に教えて / 分かりやすく説明してください / やさしい言葉でお願いします / ありがとう。もっとやさしく言って
分かりません
よく分かりませんでした / 分かりやすい説明がいいです / ありがとう。では運賃は? / 運賃を教えていただけると助かります
駐車場があるとありがたいです / 感謝状の贈呈式はいつですか / 運賃はいくらですか、ありがとうございます
thanks, but when does it open? / What is Thanksgiving? / 谢谢,在哪里办理? / cảm ơn, phí là bao nhiêu?
obrigado, qual é a taxa?
"""


def listed(texts: str) -> list[str]:
    return [text.strip() for line in texts.strip().splitlines() for text in line.split(" / ")]


@pytest.mark.parametrize("text", listed(THANKS))
def test_thanks_is_recognised(text: str) -> None:
    draft = smalltalk(turn(text)).draft
    assert draft is not None
    assert draft.status == Status.SMALLTALK
    assert text_of(draft).startswith(message_text("welcome"))


@pytest.mark.parametrize("text", listed(NO_THANKS))
def test_a_question_with_thanks_is_answered(text: str) -> None:
    assert smalltalk(turn(text)).draft is None


@pytest.mark.parametrize(
    ("text", "language"),
    [("よく分かりました。", "ja"), ("Thank you!", "en"), ("谢谢", "zh"), ("cảm ơn", "vi"), ("Muito obrigada", "pt")],
)
def test_thanks_is_answered_in_its_language(
    city_service: Service, city_settings: Settings, text: str, language: str
) -> None:
    client = TestClient(create_app(city_service, city_settings))
    first = client.post("/api/chat", json={"question": "植樹の本数の実績は?"}).json()
    said = {"question": text, "conversation_id": first["conversation_id"]}
    answer = client.post("/api/chat", json=said).json()
    assert answer["status"] == "smalltalk"
    assert answer["answer"].startswith(message_text("welcome", language))
    assert answer["citations"] == []


@pytest.mark.parametrize("text", ["あ" * 600, "ああああああ!", "ｗｗｗｗｗｗ", "あああああ いいいいい"])
def test_a_repeated_letter_is_clarified(text: str) -> None:
    draft = smalltalk(turn(text)).draft
    assert draft is not None
    assert draft.status is Status.CLARIFY


@pytest.mark.parametrize("repeated", ["好的", "谢谢", "あ", "あああああ_", "ok ", "分かりました。", "助かると、"])
def test_long_thanks_are_processed_in_linear_time(repeated: str) -> None:
    begun = thread_time()
    for end in ("", "x"):
        smalltalk(turn((repeated * 1000)[:999] + end))
    assert thread_time() - begun < 0.3
