"""Tests of the aspects of a plan and of their comparison with the previous plan."""

from collections.abc import Iterator

import pytest

from bot.service import Service, open_service
from bot.state import Answer, Question, Status
from ingest.build.build import build
from ingest.configuration.settings import Settings
from tests.bot.answer_assertions import TODAY

OLD = """# 第1次みどり野町緑化計画

## 目的
この計画は、町に木陰を増やすことを目的とする。

## めざす姿
「木の町」

## 基本方針
- 苗木を配る
- 堤防に桜を植える

## 数値目標

| 指標 | 現状 | 目標 |
|---|---|---|
| 植えた木 | 10本 | 40本 |
| 公園の数 | 3か所 | 5か所 |

## 街路樹
街路樹は年1回刈り込む。
"""
NEW = """# 第2次みどり野町緑化計画

## 目的
この計画は、暑さから人を守ることを目的とする。

## めざす姿
「木陰の続く町」

## 基本方針
- 苗木を配る
- 学校に森をつくる

## 数値目標

| 指標 | 現状 | 目標 |
|---|---|---|
| 植えた木 | 35本 | 90本 |
| 公園の数 | 5か所 | 5か所 |

## 街路樹
街路樹は年3回刈り込む。
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Yield a service over both plans."""
    folder = tmp_path_factory.mktemp("plans")
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "a.md").write_text(OLD, "utf-8")
    (corpus / "b.md").write_text(NEW, "utf-8")
    head = '[[document]]\nkind = "plan"\nissuer = "みどり野町"\n'
    entry = head + 'file = "{}.md"\nid = "{}"\ntitle = "第{}次みどり野町緑化計画"\n'
    (corpus / "manifest.toml").write_text(
        entry.format("a", "first", 1) + entry.format("b", "second", 2) + 'supersedes = ["first"]\n', "utf-8"
    )
    settings = Settings(_env_file=None, data=folder / "data", corpus=corpus, adapt=False)
    build(settings, [corpus])
    with open_service(settings, lambda: TODAY) as opened:
        yield opened


def ask(service: Service, question: str) -> Answer:
    """Return the answer to a question."""
    return service.ask(Question(question=question))


CASES = [
    ("緑化計画の基本方針を教えて", ["苗木を配る", "学校に森をつくる"], ["堤防に桜"]),
    ("前の緑化計画の基本方針は?", ["苗木を配る", "堤防に桜を植える"], ["学校に森"]),
    ("緑化計画で前の計画から新しく加わった基本方針は?", ["学校に森をつくる"], ["苗木を配る", "堤防に桜"]),
    ("緑化計画で前の計画からなくなった柱は?", ["堤防に桜を植える"], ["苗木を配る", "学校に森"]),
    ("緑化計画、前から引き継がれた方針の柱は?", ["苗木を配る"], ["学校に森", "堤防に桜"]),
    ("緑化計画で引き上げられた目標は?", ["40本 → 90本"], ["公園"]),
    ("街路樹の扱いは前の緑化計画とどう違う?", ["年3回", "年1回"], []),
    ("緑化計画のめざす姿は前の計画からどう変わった?", ["木陰の続く町", "木の町"], ["苗木"]),
]


@pytest.mark.parametrize(("question", "expected", "absent"), CASES)
def test_the_requested_part_of_a_plan_comes_first_and_is_cited(
    service: Service, question: str, expected: list[str], absent: list[str]
) -> None:
    answer = ask(service, question)
    assert answer.status is Status.ANSWERED
    assert [words for words in expected if words not in answer.answer[:200]] == []
    assert [words for words in absent if words in answer.answer] == []
    assert answer.citations
    assert all(citation.quote for citation in answer.citations)
