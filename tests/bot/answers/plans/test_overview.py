"""Tests of questions about a whole document: in one sentence, its main points, its changes."""

from datetime import date
from pathlib import Path

from bot.service import open_service
from bot.state import ExcerptBlock, Question, Status, TableBlock
from ingest.build.build import build
from ingest.configuration.settings import Settings
from tests.bot.answer_assertions import Ask

pytest_plugins = ["tests.bot.city_index"]


def test_a_summary_begins_with_a_sentence_of_the_document(ask: Ask) -> None:
    answer = ask("星見市環境プランを一言で言うと?")
    assert answer.status is Status.ANSWERED
    assert answer.answer.split("[1]")[0] in answer.citations[0].quote
    assert "主な内容" in answer.answer


def test_this_plan_is_the_plan_of_the_conversation(ask: Ask) -> None:
    first = ask("プラン2.0の基本理念は?")
    then = ask("プラン2.0の基本理念は?", "この計画の主なポイントは?")
    assert {citation.doc_id for citation in then.citations} == {first.citations[0].doc_id}


def test_changes_cite_both_plans_and_compare_their_targets(ask: Ask) -> None:
    answer = ask("プラン2.0は前の計画から何が変わった?")
    assert answer.status is Status.ANSWERED
    assert {citation.doc_id for citation in answer.citations} == {"kankyo-plan", "kankyo-plan-2.0"}
    assert not any(isinstance(block, ExcerptBlock) for block in answer.blocks)
    tables = [block for block in answer.blocks if isinstance(block, TableBlock)]
    assert all(len(row) == 3 for table in tables for row in table.rows)


def test_overview_without_an_earlier_plan_has_no_comparison(ask: Ask) -> None:
    answer = ask("星見市環境プランは前の計画から何が変わった?", as_of=None)
    assert "より前の計画は" in answer.answer or answer.citations


def test_a_document_without_date_and_purpose_is_introduced_by_its_title(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    text = "# 水路手入れ計画\n\n## 1 草刈り\n\n6月に全員で刈ります。\n\n## 2 泥上げ\n\n3月に班ごとに行います。\n"
    (tmp_path / "corpus" / "suiro.md").write_text(text, "utf-8")
    settings = Settings(_env_file=None, data=tmp_path / "data", corpus=tmp_path / "corpus")
    build(settings, [tmp_path / "corpus"])
    with open_service(settings, lambda: date(2026, 6, 1)) as service:
        answer = service.ask(Question(question="水路手入れ計画を一言で言うと?"))
    assert answer.answer.startswith("「水路手入れ計画」には、目的や基本理念を述べた箇所がありません。")
