from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from bot.answering.relevance.subject import qualify_draft
from bot.answering.state import Answer, Draft, Question, Source, Status, Turn, paragraph, service_message
from bot.running.service.service import Service, open_service
from ingest.configuration.settings import Settings
from tests.bot.answering.retrieval.passages import built

LEAFLET = """# 公共施設のご案内

## 児童館

### 緑町児童館

緑町児童館の電話番号は012-345-6789です。休館日は毎週月曜日です。

### 泉町児童館

泉町児童館の電話番号は012-345-1111です。休館日は毎週火曜日です。

## 投票所

### 榧沼地区

榧沼地区の投票所は、第一集会所です。

### 椋ヶ峰地区

椋ヶ峰地区の投票所は、旧椋小学校です。

## 車

### かぜのこごう

かぜのこごうは、前日の16時までに予約します。

## 補助金

### 生ごみ処理機補助金

生ごみ処理機を買った人に、生ごみ処理機補助金として1万円を交付します。

## 集会所

| 名称 | 定員 | 使用料 |
|---|---|---|
| 東原集会所 | 41人 | 500円 |
| 西原集会所 | 62人 | 700円 |
| 市民第一体育館 | 93人 | 900円 |

## ごみの日

もえるごみは、月曜日と木曜日に集めます。
"""
MANIFEST = """[[document]]
file = "leaflet.md"
id = "leaflet"
title = "公共施設のご案内"
kind = "notice"
published = "2026-04-01"
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return built(tmp_path_factory.mktemp("subject"), {"leaflet": LEAFLET}, MANIFEST)


@pytest.fixture(scope="module")
def service(settings: Settings) -> Iterator[Service]:
    with open_service(settings) as service:
        yield service


def ask(service: Service, text: str) -> Answer:
    return service.ask(Question(question=text))


@pytest.mark.parametrize(
    "question", ["岬町児童館の電話番号は?", "岬町の児童館の休館日はいつですか", "岬町児童館", "岬町ヶ原の投票所は?"]
)
def test_a_proper_name_that_no_document_has_is_named_and_not_answered(service: Service, question: str) -> None:
    answer = ask(service, question)
    assert answer.status == Status.NO_ANSWER
    assert "「岬町" in answer.answer
    assert "見当たりません" in answer.answer
    assert answer.nearest
    assert "012-345" not in answer.answer


@pytest.mark.parametrize(
    ("question", "part", "absent"),
    [
        ("みどりまち児童館の電話番号は?", "012-345-6789", "旧椋小学校"),
        ("緑町の児童館の電話番号は?", "012-345-6789", "012-345-1111"),
        ("緑町児童館 電話番号", "012-345-6789", "012-345-1111"),
        ("泉町児童館の電話番号は?", "012-345-1111", "012-345-6789"),
        ("榧沼の投票所は?", "第一集会所", "旧椋小学校"),
        ("カゼノコゴウの予約はいつまで?", "16時", "見当たりません"),
    ],
)
def test_a_name_in_any_spelling_is_answered_without_others_of_its_kind(
    service: Service, question: str, part: str, absent: str
) -> None:
    answer = ask(service, question).answer
    assert part in answer
    assert absent not in answer


def test_two_of_a_kind_that_are_asked_about_are_both_answered(service: Service) -> None:
    answer = ask(service, "緑町児童館の電話番号と泉町児童館の休館日は?").answer
    assert "012-345-6789" in answer
    assert "火曜日" in answer


def test_a_name_is_denied_unless_the_shown_passages_have_its_words_together(service: Service) -> None:
    hits = service.search("生ごみ処理機補助金")
    (passage,) = {hit.passage for hit in hits if "1万円" in hit.passage.text}
    draft = Draft((paragraph(service_message("hello")),), (Source(passage, passage.text),))
    turn = Turn(Question(question="?"), date(2026, 6, 1), draft=draft)
    assert qualify_draft(replace(turn, unconfirmed=("生ゴミ処理機",))).draft == draft
    for absent in ("生ゴミ補助金", "温水洗浄便座補助金"):
        assert qualify_draft(replace(turn, unconfirmed=(absent,))).draft != draft


def test_an_answer_about_an_unknown_compound_has_a_remark(service: Service) -> None:
    answer = ask(service, "温水洗浄便座補助金はいくら?")
    assert answer.status != Status.ANSWERED
    assert "「温水洗浄便座補助金」" in answer.answer


@pytest.mark.parametrize(
    ("question", "absent"),
    [
        ("新東原集会所の定員は?", "新東原集会所"),
        ("市民第二体育館の使用料はいくら?", "市民第二体育館"),
        ("西原公民館って何人入れる?", "西原公民館"),
        ("東原集会所の定員は?", ""),
        ("西原集会所 定員", ""),
        ("市民体育館の使用料はいくら?", ""),
    ],
)
def test_a_name_is_denied_before_rows_of_another_that_differs_in_one_word(
    service: Service, question: str, absent: str
) -> None:
    answer = ask(service, question)
    assert answer.status == (Status.PARTIAL if absent else Status.ANSWERED)
    assert answer.answer.startswith(f"「{absent}」という言葉は") == bool(absent)


@pytest.mark.parametrize(
    "question", ["岬町に住んでいますが、もえるごみの日はいつですか", "霞町から来ました。もえるごみの日は?"]
)
def test_a_name_that_is_not_asked_about_is_not_required(service: Service, question: str) -> None:
    assert "見当たりません" not in ask(service, question).answer


def test_of_several_names_the_missing_ones_are_named(service: Service) -> None:
    answer = ask(service, "緑町児童館と岬町児童館と霞町児童館の電話番号は?")
    assert answer.status == Status.PARTIAL
    assert "012-345-6789" in answer.answer
    assert "岬町児童館" in answer.answer
    assert "霞町児童館" in answer.answer
