"""Tests of curated answers, their proposals and the questions that share them."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.answers.curated_records import ProposedSource
from bot.curation.staff_desk import StaffDesk
from bot.errors import ChangedMeanwhileError, DeskError
from bot.service import Service, open_service
from bot.state import Answer, Question
from ingest.build.build import build
from ingest.configuration.audit import read_events
from ingest.configuration.settings import Settings
from ingest.index.index import open_index
from ingest.japanese.today import to_japan_date
from tests.bot.answer_assertions import DOCUMENTS, TODAY, assert_citations_match
from tests.bot.curation.desks import COUNTER, REWORDED, UNKNOWN, proposal, published

pytest_plugins = ["tests.bot.city_index"]

Put = Callable[..., Answer]
Rebuild = Callable[[Callable[[str], str]], None]
PLAN = "kankyo-plan-2.0.md"


def is_curated(answer: Answer) -> bool:
    return answer.generator == "curated"


def raise_subsidy(text: str) -> str:
    return text.replace("8万円を補助", "9万円を補助")


def states(desk: StaffDesk) -> list[str]:
    return [standing.state for standing in desk.curated()]


@pytest.fixture
def rebuild(own_settings: Settings, service: Service, tmp_path: Path) -> Rebuild:
    def rebuild(change: Callable[[str], str]) -> None:
        shutil.copytree(DOCUMENTS, tmp_path / "corpus", dirs_exist_ok=True)
        (tmp_path / "corpus" / PLAN).write_text(change((DOCUMENTS / PLAN).read_text("utf-8")), "utf-8")
        build(own_settings, [tmp_path / "corpus"])
        service.follow()

    return rebuild


def test_a_published_answer_is_served_and_marked(own_settings: Settings, service: Service, ask_question: Put) -> None:
    curated = published(service)
    answer = ask_question(UNKNOWN)
    with open_index(own_settings) as index:
        assert_citations_match(answer, index)
    day = to_japan_date(curated.created)
    assert answer.answer == "補助の窓口は市役所2階の環境政策課です[1]。"
    assert answer.generator == "curated"
    assert answer.notices == (f"職員が確かめた回答です（{day.year}年{day.month}月{day.day}日）。",)
    assert answer.citations[0].doc_id == "kankyo-plan-2.0"
    assert answer.citations[0].quote == COUNTER


@pytest.fixture(scope="module")
def ask_published(city_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Put]:
    data = shutil.copytree(city_settings.data, tmp_path_factory.mktemp("published") / "data")
    with open_service(city_settings.model_copy(update={"data": data}), lambda: TODAY) as service:
        published(service)
        yield lambda text, **more: service.ask(Question(question=text, **more))


@pytest.mark.parametrize(
    ("question", "served"),
    [
        (REWORDED, True),
        ("環境の講座に申し込む課の電話番号を知りたい", True),
        ("2030年度に環境の講座に申し込む課の電話番号を教えてください", False),
        ("前のプランで環境の講座に申し込む課の電話番号を教えてください", False),
        ("星見市環境プラン3.0で環境の講座に申し込む課の電話番号を教えてください", False),
        ("環境の講座に2件申し込む課の電話番号を教えてください", False),
        ("環境の講座に申し込まない課の電話番号を教えてください", False),
        ("環境の講座に申し込む課は何階ですか?", False),
        ("芝生広場の補助を申し込む課の電話番号を教えてください", False),
    ],
)
def test_only_paraphrases_are_answered(ask_published: Put, question: str, *, served: bool) -> None:
    assert is_curated(ask_published(question)) is served


@pytest.mark.parametrize(
    ("as_of", "served"), [("2025-03-31", False), ("2025-04-01", True), ("2029-03-31", True), ("2029-04-01", False)]
)
def test_a_curated_answer_is_valid_with_its_document(ask_published: Put, as_of: str, *, served: bool) -> None:
    assert is_curated(ask_published(UNKNOWN, as_of=date.fromisoformat(as_of))) is served


def test_a_changed_source_stops_the_answer_and_reopens_its_group(
    service: Service, ask_question: Put, rebuild: Rebuild
) -> None:
    published(service)
    rebuild(raise_subsidy)
    assert not is_curated(ask_question(UNKNOWN))
    (group,) = service.desk.groups(["review"])
    assert group.question == UNKNOWN
    assert states(service.desk) == ["review"]
    assert "変わりました" in group.note
    rebuild(str)
    assert is_curated(ask_question(UNKNOWN))


def test_other_processes_serve_the_answer(own_settings: Settings, service: Service) -> None:
    with open_service(own_settings, lambda: TODAY) as other:
        assert not is_curated(other.ask(Question(question=UNKNOWN)))
        published(service)
        assert is_curated(other.ask(Question(question=UNKNOWN)))
    with open_service(own_settings, lambda: TODAY) as later:
        assert is_curated(later.ask(Question(question=UNKNOWN)))


def test_a_withdrawn_answer_is_not_served(service: Service, ask_question: Put, own_settings: Settings) -> None:
    curated = published(service)
    with pytest.raises(DeskError, match="理由"):
        service.desk.withdraw(curated.id, "花子", "")
    service.desk.withdraw(curated.id, "花子", "窓口が移った")
    assert not is_curated(ask_question(UNKNOWN))
    assert [s.reasons for s in service.desk.curated()] == [("窓口が移った",)]
    assert [g.state for g in service.desk.groups()] == ["open"]
    assert published(service, group_id=curated.group_id).version == 3
    assert is_curated(ask_question(UNKNOWN))
    assert [act.detail.partition("を")[2] for act in read_events(own_settings) if act.action == "curate"] == [
        "公開しました",
        "取り下げました",
        "公開しました",
    ]


def test_of_two_concurrent_publications_one_is_refused(service: Service, ask_question: Put) -> None:
    ask_question(UNKNOWN)
    (group,) = service.desk.groups()

    def publish(author: str) -> str:
        try:
            return published(service, group_id=group.id, author=author).author
        except (ChangedMeanwhileError, DeskError):
            return ""

    with ThreadPoolExecutor(2) as pool:
        authors = list(pool.map(publish, ["花子", "太郎"]))
    assert sorted(map(bool, authors)) == [False, True]
    assert [standing.curated.author for standing in service.desk.curated()] == [max(authors)]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"text": "補助の窓口は市役所3階の環境政策課です。"}, "「3階」は出典にありません"),
        ({"text": "補助の窓口は2階の環境政策課で、令和9年3月31日まで受け付けます。"}, "出典にありません"),
        ({"text": "補助の窓口は市役所2階の市民協働推進課です。"}, "市民協働推進課"),
        ({"text": "補助の窓口は市役所2階の環境政策課です[2]。"}, "[2] にあたる出典がありません"),
        ({"text": " "}, "回答の文が空です"),
        ({"text": COUNTER * 50}, "長すぎます"),
        ({"author": ""}, "だれが書いたか"),
        ({"wordings": ("", " ")}, "1つ以上書いてください"),
        ({"wordings": ("目標は?",)}, "何についての質問か分かりません"),
        ({"wordings": ("090-1234-5678 の太陽光パネルの補助は?",)}, "個人の情報"),
        ({"sources": ()}, "出典の箇所を、1つ以上"),
        ({"sources": (ProposedSource("kankyo-plan-2.0#9999", "x"),)}, "今の文書にはありません"),
        ({"sources": (ProposedSource("kankyo-plan-2.0#0010", "市役所3階"),)}, "引用が原文と一致しません"),
        ({"valid_from": date(2026, 7, 1), "valid_until": date(2026, 6, 1)}, "始まりより前"),
        ({"valid_until": date(2026, 5, 31)}, "期限が切れました"),
    ],
)
def test_an_unsupported_proposal_is_refused_with_the_reason(
    city_service: Service, changes: dict[str, Any], told: str
) -> None:
    problems = city_service.desk.propose(proposal(city_service, **changes))
    assert any(told in problem for problem in problems), problems
