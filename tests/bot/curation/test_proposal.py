"""Tests of the verification of proposed answers against their sources."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.curation.curated_records import ProposedSource
from bot.errors import ProposalError
from bot.service import Service
from tests.bot.answer_assertions import TODAY
from tests.bot.curation.desks import COUNTER, UNKNOWN, proposal, published

pytest_plugins = ["tests.bot.city_index"]

OLD = "期間は、令和3(2021)年度から令和6(2024)年度までの4か年とします。"


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


def test_a_supported_proposal_has_no_problems(city_service: Service) -> None:
    assert city_service.desk.propose(proposal(city_service)) == []


def test_a_superseded_document_is_no_source(city_service: Service) -> None:
    hits = city_service.search("プランの期間", doc_id="kankyo-plan", as_of=TODAY)
    passage = next(hit.passage for hit in hits if "2024" in hit.passage.text)
    sources = (ProposedSource(passage.id, passage.text),)
    old = proposal(city_service, text=passage.text, sources=sources, wordings=("環境プランの期間は?",))
    assert any("星見市環境プラン2.0" in problem for problem in city_service.desk.propose(old))


def test_a_refused_proposal_is_not_stored(service: Service) -> None:
    with pytest.raises(ProposalError, match="3階") as refused:
        published(service, text="補助の窓口は市役所3階の環境政策課です。")
    assert refused.value.problems
    assert service.desk.curated() == []
    assert service.desk.groups(["open", "answered"]) == []


def test_a_second_answer_to_one_question_is_refused(service: Service) -> None:
    published(service)
    problems = service.desk.propose(proposal(service))
    assert any("すでに" in problem and UNKNOWN in problem for problem in problems)


def test_each_sentence_needs_a_citation(service: Service) -> None:
    first = proposal(service)
    subsidy = "太陽光パネルの設置には、1件につき8万円を補助します。"
    text = f"{subsidy}{COUNTER}"
    assert published(service, text=text).text == f"{subsidy[:-1]}[1]。{COUNTER[:-1]}[1]。"
    two = replace(first, text=text, sources=(*first.sources, replace(first.sources[0], quote=subsidy)))
    assert any("[1] や [2]" in problem for problem in service.desk.propose(two))
