"""Answers from provisions that amendments change, over `tests/bot/rules`."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from bot.answers.amendments.amendment_notices import AmendmentNotices
from bot.pipeline import build_pipeline
from bot.rendering.text import render_text
from bot.runtime.service_interface import consolidated_url
from bot.server.api import create_app
from bot.service import Service, open_service
from bot.state import Answer, Draft, Question, Source, Status, Turn
from ingest.configuration.settings import Settings
from ingest.embedding import open_encoder
from ingest.index.index import open_index
from tests.bot.answer_assertions import assert_citations_match
from tests.conftest import indexed_once

DOCUMENTS = Path(__file__).parents[2] / "rules"
AFTER, LATER = date(2026, 5, 10), date(2026, 11, 1)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return settings over the index of the ordinances."""
    data = indexed_once(DOCUMENTS, "rules", tmp_path_factory)
    return Settings(_env_file=None, data=data, corpus=DOCUMENTS, llm_queries_s=0)


@pytest.fixture(scope="module")
def service(settings: Settings) -> Iterator[Service]:
    """Yield a service over the ordinances."""
    with open_service(settings, lambda: AFTER) as opened:
        yield opened


def ask(service: Service, question: str, day: date) -> Answer:
    """Ask and check that every quote is in its passage."""
    answer = service.ask(Question(question=question, as_of=day))
    for citation in answer.citations:
        assert citation.quote in service.passage(citation.passage_id).text
    return answer


LIMIT, APPLY = "雨水タンクの補助金の限度はいくらですか", "雨水タンクの補助金は設置から何日以内に申請しますか"


def test_the_amended_text_is_stated_first_and_marked_as_derived(service: Service) -> None:
    """The text of the day comes first, then since when, by which document, and what it was."""
    answer = ask(service, LIMIT, AFTER)
    first, history = answer.blocks[:2]
    assert (first.type, getattr(first, "derived", None)) == ("text", "consolidation")
    assert "5万円を限度とする" in answer.answer[:100]
    assert "2026年4月1日から" in getattr(history, "text", "")
    assert "それまでは「3万円」でした" in getattr(history, "text", "")
    assert {citation.doc_id for citation in answer.citations} == {"yoko", "kaisei-1"}


def test_before_the_day_of_effect_the_old_text_holds_with_what_will_be(service: Service) -> None:
    """An amendment that is promulgated and not in force is announced with its day."""
    answer = ask(service, APPLY, AFTER)
    assert "60日以内" in answer.answer[:100]
    assert "2026年10月1日からは「90日」になります" in answer.answer
    assert "90日以内" in ask(service, APPLY, LATER).answer[:100]


def test_an_amendment_is_not_known_before_its_promulgation(service: Service) -> None:
    """A question about a day before the promulgation gets the text of that day alone."""
    answer = ask(service, LIMIT, date(2025, 5, 1))
    assert "3万円を限度" in answer.answer
    assert "になります" not in answer.answer


def test_a_replaced_provision_is_quoted_from_both_documents(service: Service) -> None:
    """Of a provision that is new as a whole, the former one is cited, too."""
    answer = ask(service, "水道料金を滞納していると雨水タンクの補助の対象になりませんか", AFTER)
    assert "水道料金を滞納している者は、補助の対象としない" in answer.answer[:200]
    quotes = [(one.doc_id, one.quote) for one in answer.citations]
    assert any(doc_id == "yoko" and "市税を滞納している者" in quote for doc_id, quote in quotes)
    assert any(doc_id == "kaisei-1" and "市税又は水道料金" in quote for doc_id, quote in quotes)
    assert "従前の例" not in answer.answer


def test_a_transitional_provision_is_quoted(service: Service) -> None:
    """Who falls under the former text is said in the document's own words."""
    assert "なお従前の例による" in ask(service, LIMIT, AFTER).answer


def test_an_amendment_that_cannot_be_applied_is_named_with_its_text(service: Service) -> None:
    """The base text is shown as partial, with the reason and the amending sentence."""
    answer = ask(service, "雨水タンクの利用の状況の報告を求めることはできますか", AFTER)
    assert answer.status is Status.PARTIAL
    assert "「30日」という文言がありません" in answer.answer
    assert "第5条中「30日」を「14日」に改める。" in answer.answer


def test_a_repealed_document_is_said_to_be_repealed(service: Service) -> None:
    """From the day of repeal on; before, what will be is announced."""
    question = "電動生ごみ処理機の補助の額はいくらですか"
    assert "2026年4月1日に廃止されました" in ask(service, question, AFTER).answer
    before = ask(service, question, date(2026, 3, 20)).answer
    assert "2万円" in before[:100]
    assert "2026年4月1日に廃止されます" in before


def test_a_citation_links_to_the_text_of_the_day(service: Service, settings: Settings) -> None:
    """The page shows the text of the day, its history and the amendments that could not be applied."""
    answer = ask(service, LIMIT, AFTER)
    (address,) = {one.consolidated_url for one in answer.citations if one.doc_id == "yoko"}
    assert address == consolidated_url("yoko", AFTER)
    client = TestClient(create_app(service, settings), follow_redirects=False)
    shown = client.get(str(address)).text
    assert "5万円を限度" in shown
    assert "<del>3万</del>" in shown or "<del>3</del>" in shown
    assert "「30日」という文言がありません" in shown
    assert "60日以内" in client.get("/documents/yoko/consolidated?day=2026-09-30").text
    assert client.get("/documents/kaisei-1/consolidated").headers["location"] == "/documents/kaisei-1"
    assert "/documents/yoko/consolidated" in client.get("/documents/kaisei-1").text
    assert client.get("/documents/yoko/consolidated?day=2026-13-01").status_code == 422


def test_every_number_of_the_text_has_its_citation(service: Service, settings: Settings) -> None:
    """Every citation is named in the text, and its quote is in its passage."""
    with open_index(settings) as index:
        for day in (date(2025, 5, 1), AFTER, LATER):
            assert_citations_match(ask(service, LIMIT, day), index)


def test_former_text_that_an_answer_quotes_has_a_notice(settings: Settings) -> None:
    """Also what a language model or an excerpt quotes gets the text of the day."""
    with open_index(settings) as index:
        pipeline = build_pipeline(index, open_encoder(settings))
        passage = next(one for one in index.document_passages("yoko") if "3万円" in one.text)
        turn = Turn(Question(question=LIMIT), AFTER, draft=Draft(sources=(Source(passage, passage.text),)))
        draft = AmendmentNotices(pipeline.consolidations)(turn).draft
    assert draft is not None
    (notice,) = draft.notices
    assert render_text([notice]) == (
        "「霧沢市雨水タンク設置補助金交付要綱」の第3条は改正されています。2026年4月1日からは「5万円」です。"
    )
