"""Entries of a FAQ: the heading asks, the body answers."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from bot.answer import Answer, Question, Status
from bot.find.evidence import asks
from bot.service import open_service
from ingest.build import build
from ingest.settings import Settings

_FAQ = """# よくある質問

## 住民票の写しはどこで取れますか。

市民課の窓口と、各サービスセンターで取れます。手数料は1通300円です。受付は平日の午前9時から午後5時までです。\
年末年始は休みます。市民カードをお持ちの方は、駅前の自動交付機でも、午前7時から午後10時まで取ることができます。\
本人か同じ世帯の人のものに限ります。

## 引っ越しで出る大きなごみの捨て方について知りたい。

大型ごみは、電話で申し込んでから出してください。1点につき400円の処理券が要ります。

## 犬を飼い始めたときの手続きを教えてください（登録）

犬を飼い始めた日から30日以内に、保健所で登録をしてください。
"""


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Answer]]:
    """Yield a way to ask a small FAQ."""
    folder = tmp_path_factory.mktemp("faq")
    (folder / "faq.md").write_text(_FAQ, encoding="utf-8")
    settings = Settings(_env_file=None, data=folder / "data", corpus=folder)
    build(settings, [folder])
    with open_service(settings, lambda: date(2026, 6, 1)) as service:
        yield lambda text: service.ask(Question(question=text))


def test_an_entry_answers_with_its_opening(ask: Callable[[str], Answer]) -> None:
    """In the order in which it stands there, not the one sentence with most words of the question."""
    answer = ask("大型ごみの捨て方を教えて")
    assert answer.status is Status.ANSWERED
    assert answer.answer.startswith("大型ごみは、電話で申し込んでから出してください")
    assert "400円" in answer.answer


def test_a_sentence_farther_down_is_told_too(ask: Callable[[str], Answer]) -> None:
    """Where the question is about it."""
    answer = ask("住民票は駅前の自動交付機で取ることができますか")
    assert "市民課の窓口" in answer.answer
    assert "午前7時から午後10時まで" in answer.answer


def test_the_heading_is_not_said_as_if_it_were_a_topic(ask: Callable[[str], Answer]) -> None:
    """A question for a subject (…ですか。については) is no Japanese."""
    assert "については" not in ask("犬を飼い始めました。手続きは?").answer


@pytest.mark.parametrize(
    ("heading", "question"),
    [
        ("住民票の写しはどこで取れますか。", True),
        ("捨て方について知りたい。", True),
        ("手続きを教えてください（登録）", True),
        ("保険料を納めるのが難しいのですが", True),
        ("市民の森とは?", True),
        ("計画の期間", False),
        ("市民のための方針", False),
        ("1.3. プランの位置づけ", False),
    ],
)
def test_a_heading_that_asks_is_known_by_its_end(heading: str, question: bool) -> None:  # noqa: FBT001 -- a case
    """A question or a wish; what follows in brackets is left aside."""
    assert asks(heading) is question
