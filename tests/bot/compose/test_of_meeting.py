"""Questions about a meeting itself and what it did with a matter: told from the record, or said to be untold."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.answer import Status
from tests.bot.asking import Ask, answered
from tests.bot.town import asking_over

MINUTES = """令和7年度第2回水無瀬町景観審議会 会議録

1 日 時  令和7年9月10日(水) 午後2時から午後4時まで
2 場 所  水無瀬町民会館 大会議室
3 出席者
  委 員  芦沢文雄(会長・学識経験者)、根岸 理恵(副会長・商工会)、
         久保田 剛(町民)
         以上3名
  欠席委員 宮坂 静、遠山 実
  事務局 都市課長 白石、景観係長 桑名
4 傍聴者  6名
5 議事

【議題(1) 看板の高さの制限を10メートルに改めることについて】
事務局(桑名係長) 看板の高さの上限を15メートルから10メートルに改めたい。
久保田委員 今ある看板を直す店の負担が重い。反対する。
芦沢会長 意見が分かれたので採決する。
(賛成4名、反対1名)
芦沢会長 賛成多数により、案のとおり承認する。

【議題(2) 並木の植え替えについて】
事務局(桑名係長) 駅前の並木を桜に植え替えたい。
久保田委員 駅前の並木は昨年5本枯れた。根が舗装に押されたというのが理由だった。
根岸副会長 落ち葉の始末はどうするのか。
事務局(白石課長) 町内の団体と相談する。
芦沢会長 今日は結論を出さず、継続審議とする。

6 次回の予定
  令和8年1月20日(火) 午後2時から 水無瀬図書館 視聴覚室
  主な議題 並木の植え替え
"""

COUNTED = """令和7年度第1回水無瀬町防災会議 議事録

日時 令和7年6月2日
場所 消防署
出席者 委員20名中17名(欠席3名)

1 開会
町長があいさつした。
2 議事
○議長 避難所の運営の案について、採決します。
(賛成14名、反対2名)
○議長 賛成多数で可決します。
3 閉会
"""


def _documents(folder: Path, name: str, title: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.txt").write_text(text, "utf-8")
    entry = f'[[document]]\nfile = "{name}.txt"\nid = "{name}"\ntitle = "{title}"\nkind = "meeting"\n'
    (folder / "manifest.toml").write_text(entry, "utf-8")
    return folder


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Yield a way to ask over minutes that name who was there."""
    tmp = tmp_path_factory.mktemp("named")
    documents = _documents(tmp / "documents", "keikan", "令和7年度第2回水無瀬町景観審議会 会議録", MINUTES)
    with asking_over(documents, tmp / "data", date(2025, 11, 1)) as asking:
        yield asking


@pytest.fixture(scope="module")
def ask_counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Yield a way to ask over minutes that only count who was there."""
    tmp = tmp_path_factory.mktemp("counted")
    documents = _documents(tmp / "documents", "bosai", "令和7年度第1回水無瀬町防災会議 議事録", COUNTED)
    with asking_over(documents, tmp / "data", date(2025, 11, 1)) as asking:
        yield asking


TOLD = {
    "who did not come": ("景観審議会に来なかった委員のお名前を教えてください", ["宮坂 静", "遠山 実"]),
    "who was away": ("審議会を休んだのは誰?", ["宮坂 静"]),
    "who came": ("審議会に出席した委員は誰ですか", ["芦沢文雄", "久保田 剛"]),
    "who came from the office": ("審議会に事務局からは誰が出ていましたか", ["白石", "桑名"]),
    "the chair": ("景観審議会の会長は誰?", ["会長は、芦沢文雄です"]),
    "the deputy": ("副会長のお名前は?", ["根岸 理恵"]),
    "who listened": ("傍聴した人は何人でしたか", ["6名"]),
    "the next day": ("次回の会議 日にち", ["1月20日"]),
    "the next place": ("次の審議会の会場はどちらになりますか。", ["水無瀬図書館 視聴覚室"]),
    "where it was": ("9月の審議会はどこで開かれましたか", ["水無瀬町民会館"]),
    "the votes": ("看板の高さを改める案の採決は何対何でしたか", ["賛成4名、反対1名", "承認する"]),
    "who was against": ("看板の高さの件で反対した委員は誰ですか", ["久保田委員", "反対する"]),
    "the reason behind the fact": ("駅前の並木が枯れた理由は何だと説明されましたか", ["5本枯れた", "舗装に押された"]),
    "left open": ("駅前の並木を植え替える話はもう決まりましたか?", ["継続審議"]),
}


@pytest.mark.parametrize(("question", "parts"), TOLD.values(), ids=TOLD)
def test_what_the_record_tells_is_told(ask: Ask, question: str, parts: list[str]) -> None:
    """By the field of the record, or the sentence of the matter, that is asked for."""
    answered(ask(question), *parts)


def test_no_other_field_stands_in_the_answer(ask: Ask) -> None:
    """Who was absent is not told with who was there."""
    assert "芦沢" not in ask("審議会を欠席した委員は?").answer


UNTOLD = [
    "防災会議を欠席した委員の名前は?",
    "避難所の運営の案に反対した委員は誰ですか",
]


@pytest.mark.parametrize("question", UNTOLD)
def test_a_name_that_is_not_recorded_is_not_made_of_a_count(ask_counted: Ask, question: str) -> None:
    """欠席3名 and 反対2名 name nobody."""
    assert ask_counted(question).status is Status.NO_ANSWER


OTHER = [
    "教育委員会を欠席した委員は誰ですか",
    "令和4年の審議会を欠席した委員は誰ですか",
    "会議を傍聴するにはどうすればいいですか",
]


@pytest.mark.parametrize("question", OTHER)
def test_the_record_answers_for_no_other_meeting_and_no_way_to_come(ask: Ask, question: str) -> None:
    """Another body, another year, and how to listen are not what these minutes record."""
    assert ask(question).status is not Status.ANSWERED
