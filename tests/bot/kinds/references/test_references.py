"""A fee is shown with the rules that change it, and an article with what it names."""

from collections.abc import Iterator
from datetime import date

import pytest

from bot.service import Service, open_service
from bot.state import Answer, Question, Status
from ingest.configuration.settings import Settings
from tests.conftest import indexed_once

HALL = """# 星野町文化会館条例

（使用の許可）
第2条　会館を使用しようとする者は、使用日の20日前までに申請しなければならない。ただし、第5条の場合を除く。

（使用料）
第3条　会館の使用料は、別表のとおりとする。

（町外の者の使用料）
第4条　町外に住所を有する者の使用料は、前条の使用料の1.5倍とする。

（特例）
第5条　町長は、災害のときは、申請の期限を短縮することができる。

別表（第3条関係）

| 室 | 使用料 |
|---|---|
| 音楽室 | 700円 |
| 調理室 | 900円 |
"""
POOL = """# 星野町水泳場条例

（入場料）
第3条　水泳場の入場料は、別表のとおりとする。

第4条　団体の入場料は、前条の入場料の8割とする。

第5条　町外の者の入場料は、第3条の入場料の2倍とする。

第6条　夜間の入場料は、第3条の入場料の半額とする。

第7条　障害のある者については、第3条の入場料を免除する。

別表（第3条関係）

| 区分 | 入場料 |
|---|---|
| 大人用回数券 | 3,200円 |
| 子供用回数券 | 1,600円 |
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    corpus = tmp_path_factory.mktemp("hoshino")
    for name, text in {"hall": HALL, "pool": POOL}.items():
        (corpus / f"{name}.md").write_text(text, "utf-8")
    data = indexed_once(corpus, "hoshino", tmp_path_factory)
    return Settings(_env_file=None, data=data, corpus=corpus, llm_queries=False)


@pytest.fixture(scope="module")
def service(settings: Settings) -> Iterator[Service]:
    with open_service(settings, lambda: date(2026, 6, 1)) as opened:
        yield opened


def ask(service: Service, question: str) -> Answer:
    return service.ask(Question(question=question))


def test_a_fee_comes_before_the_rule_that_changes_it_and_both_are_cited(service: Service) -> None:
    answer = ask(service, "文化会館の音楽室の使用料はいくらですか")
    assert answer.answer.index("700円") < answer.answer.index("1.5倍")
    assert {"700円", "1.5倍"} <= {word for word in ("700円", "1.5倍") for one in answer.citations if word in one.quote}
    assert answer.answer.count("1.5倍") == 1


def test_a_fee_with_more_rules_than_are_shown_is_not_sure(service: Service) -> None:
    answer = ask(service, "水泳場の大人用回数券の入場料はいくらですか")
    assert "3,200円" in answer.answer
    assert answer.status is Status.PARTIAL


def test_an_article_is_shown_with_the_one_that_its_words_name(service: Service) -> None:
    answer = ask(service, "文化会館は何日前までに申請しますか")
    assert answer.answer.index("20日前") < answer.answer.index("申請の期限を短縮")
