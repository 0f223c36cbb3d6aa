"""Whether a place is open is answered with the rule and the day, and only said where the whole rule was read."""

from collections.abc import Iterator
from datetime import date

import pytest

from bot.service import Service, open_service
from bot.state import Answer, Question, Status
from ingest.configuration.settings import Settings
from tests.conftest import indexed_once

LIBRARY = """# 桐沢町立図書館のご案内

## 開館時間

- 火曜日～金曜日：午前9時30分～午後7時
- 土・日曜日、祝日：午前9時30分～午後5時

## 休館日

月曜日（祝日の場合は翌平日）、毎月末日、12月28日～1月4日

## 北分室

開館時間　午前10時～午後4時

休館日　水曜日、祝日、館長が定める日
"""
PLACES = """# 桐沢町の施設

| 施設名 | 利用時間 | 休館日 |
|---|---|---|
| 陶芸館 | 9時～17時 | 第2・第4火曜日 |
| 弓道場 | 9時～21時 | 木曜日 |
| 釣り桟橋 | － | － |

| 窓口 | 年内最終 | 年始開始 |
|---|---|---|
| 出張所 | 12月28日（月）まで | 1月5日（火）から |
"""
DAYS = """# 桐沢町の行事と申込み

| 施設 | 申込期限 | 利用開始 |
|---|---|---|
| 和室 | 12月20日（日）まで | 1月10日（日）から |

## 茶室

休日開室日　12月13日

休室日　火曜日（12月15日は開室）

開室時間　9時～16時
"""
NOTICE = """# 臨時休館のお知らせ

| 施設 | 日 | 内容 |
|---|---|---|
| 弓道場 | 12月8日（火） | 床の張り替えのため休館 |
| 陶芸館 | 12月22日（火） | 町民まつりのため臨時開館 |
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    corpus = tmp_path_factory.mktemp("hours")
    entries = []
    for name, text in (("library", LIBRARY), ("places", PLACES), ("notice", NOTICE), ("days", DAYS)):
        (corpus / f"{name}.md").write_text(text, "utf-8")
        title = text.split("\n")[0].removeprefix("# ")
        entries.append(f'[[document]]\nfile = "{name}.md"\nid = "{name}"\ntitle = "{title}"\n')
    (corpus / "manifest.toml").write_text("\n".join(entries), "utf-8")
    settings = Settings(_env_file=None, data=indexed_once(corpus, "hours", tmp_path_factory), corpus=corpus)
    with open_service(settings) as opened:
        yield opened


def ask(service: Service, question: str) -> Answer:
    return service.ask(Question(question=question, as_of=date(2026, 12, 1)))


@pytest.mark.parametrize(
    ("question", "verdict", "rule"),
    [
        ("12月7日に図書館は開いていますか", "12月7日(月)は休みの日に当たります", "月曜日（祝日の場合は翌平日）"),
        ("大晦日に図書館はやってる？", "12月31日(木)は休みの日に当たります", "12月28日～1月4日"),
        ("12月6日、図書館は何時まで開いていますか", "12月6日(日)は開いている日です", "午後5時"),
        ("陶芸館は12月8日に開いていますか", "12月8日(火)は休みの日に当たります", "第2・第4火曜日"),
        ("陶芸館は12月15日に開いていますか", "12月15日(火)は開いている日です", "9時～17時"),
        ("弓道場は12月8日に使えますか", "12月8日(火)は休みの日に当たります", "床の張り替えのため休館"),
        ("元日に出張所は開いていますか", "1月1日(金)は休みの日に当たります", "1月5日（火）から"),
    ],
)
def test_a_day_is_answered_with_the_rule(service: Service, question: str, verdict: str, rule: str) -> None:
    answer = ask(service, question)
    assert answer.status is Status.ANSWERED
    assert verdict in answer.answer[:60]
    assert rule in answer.answer


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("弓道場の休館日はいつですか", "木曜日"),
        ("図書館は土曜日は何時から開いていますか", "土・日曜日、祝日：午前9時30分"),
        ("陶芸館は12月22日に開いていますか", "町民まつりのため臨時開館"),
        ("茶室は12月13日に開いていますか", "休日開室日　12月13日"),
    ],
)
def test_hours_and_closed_days_are_quoted(service: Service, question: str, words: str) -> None:
    answer = ask(service, question)
    assert words in answer.answer
    assert "休みの日に当たります" not in answer.answer


@pytest.mark.parametrize(
    "question",
    [
        "北分室は12月3日に開いていますか",
        "釣り桟橋は12月3日に開いていますか",
        "桐沢町美術館は12月8日に開いていますか",
        "和室は12月25日に開いていますか",
        "茶室は12月15日に開いていますか",
        "弓道場は12月3日と4日に開いていますか",
    ],
)
def test_no_verdict_is_given_on_a_day_that_is_not_sure(service: Service, question: str) -> None:
    answer = ask(service, question)
    assert answer.status is not Status.ANSWERED
    assert "休みの日に当たります" not in answer.answer
    assert "開いている日です" not in answer.answer
