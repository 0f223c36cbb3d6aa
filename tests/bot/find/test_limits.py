"""A figure with its bound is the name of what is counted, or a condition over what a table has counted."""

from collections.abc import Iterator
from datetime import date

import pytest

from bot.answer import Answer, Question, Status
from bot.service import open_service
from ingest.build import build
from ingest.index import open_index
from ingest.settings import Settings
from tests.bot.asking import Ask, answered, keeps_the_rules

_PLAN = """# 月見市高齢者計画

## 1 高齢者の状況

| 区分 | 人数 | 人口に占める割合 |
|---|---|---|
| 65歳以上の高齢者 | 31,200人 | 28.4% |
| 75歳以上の高齢者 | 16,800人 | 15.3% |
| 85歳以上の高齢者 | 5,400人 | 4.9% |

## 2 乗車券

市内に住む65歳以上の方は、高齢者乗車券を利用できます。

## 3 出生の状況

| 指標 | 令和5年 |
|---|---|
| 出生数 | 790人 |
| 合計特殊出生率 | 1.32 |

## 4 集いの場

| 集いの場 | 登録者数 |
|---|---|
| 東会館 | 120人 |
| 西会館 | 45人 |
| 南会館 | 80人 |
"""


@pytest.fixture(scope="module")
def ask_aged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Yield a way to ask a plan with three classes of age, a rule, and a table of people."""
    folder = tmp_path_factory.mktemp("aged")
    (folder / "plan.md").write_text(_PLAN, encoding="utf-8")
    settings = Settings(_env_file=None, data=folder / "data", corpus=folder)
    build(settings, [folder])
    with open_index(settings) as index, open_service(settings, lambda: date(2026, 6, 1)) as service:

        def ask(*turns: str, as_of: date | None = None) -> Answer:
            answer = service.ask(Question(question=turns[-1], as_of=as_of))
            keeps_the_rules(answer, index)
            return answer

        yield ask


COUNTED = [
    ("65歳以上の割合を教えて", "28.4%"),
    ("65歳以上の高齢者は何人?", "31,200人"),
    ("75歳以上の高齢者の人数を教えて", "16,800人"),
    ("70歳以上の方は高齢者乗車券を利用できますか?", "65歳以上"),
    ("登録者数が80人以上の集いの場を教えて", "東会館"),
]


@pytest.mark.parametrize(("question", "part"), COUNTED)
def test_what_is_counted_under_the_bound_is_told(ask_aged: Ask, question: str, part: str) -> None:
    """Its own class, a rule that holds for it too, the rows beyond it."""
    answered(ask_aged(question), part)


@pytest.mark.parametrize(
    "question",
    [
        "70歳以上の高齢者の人数を教えて",
        "40歳以上の人口割合を教えて",
        "70歳以上の高齢者は何人?",
        "70歳の高齢者は何人?",
        "65歳未満の人数は?",
    ],
)
def test_another_bound_is_another_thing(ask_aged: Ask, question: str) -> None:
    """Nobody has counted those of 70 and older."""
    assert ask_aged(question).status is not Status.ANSWERED


def test_the_rows_beyond_a_bound_are_all_told(ask_aged: Ask) -> None:
    """People are counted in a column."""
    answer = ask_aged("登録者数が80人以上の集いの場を教えて")
    assert {name for name in ("東会館", "西会館", "南会館") if name in answer.answer} == {"東会館", "南会館"}


def test_a_rate_whose_name_begins_like_a_sum_is_its_own_row(ask_aged: Ask) -> None:
    """合計特殊出生率 adds nothing up, and is no share in hundredths."""
    answer = ask_aged("合計特殊出生率は?")
    answered(answer, "1.32")
    assert "790" not in answer.answer
