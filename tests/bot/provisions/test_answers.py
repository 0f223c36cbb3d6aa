"""Tests of answers from amended provisions, over `tests/documents/kirisawa`."""

from collections.abc import Iterator
from datetime import date

import pytest
from fastapi.testclient import TestClient

from bot.provisions.answerer import state_on
from bot.runtime.document_state import consolidated_url
from bot.server.api import create_app
from bot.service import Service, open_service
from bot.state import Answer, Question, Status
from ingest.configuration.settings import Settings
from ingest.index.index import open_index
from tests.bot.answer_assertions import assert_citations_match
from tests.conftest import ROOT, indexed_once
from tests.ingest.provisions.invented_ordinance import FIRST, SECOND, consolidate

DOCUMENTS = ROOT / "tests/documents/kirisawa"
DAY_IN_FORCE = date(2026, 5, 10)
DAY_AFTER_SECOND_AMENDMENT = date(2026, 11, 1)
LIMIT_QUESTION = "雨水タンクの補助金の限度はいくらですか"
DEADLINE_QUESTION = "雨水タンクの補助金は設置から何日以内に申請しますか"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    data = indexed_once(DOCUMENTS, "kirisawa", tmp_path_factory)
    return Settings(_env_file=None, data=data, corpus=DOCUMENTS, llm_queries_s=0)


@pytest.fixture(scope="module")
def service(settings: Settings) -> Iterator[Service]:
    with open_service(settings, lambda: DAY_IN_FORCE) as opened:
        yield opened


def ask(service: Service, question: str, day: date) -> Answer:
    answer = service.ask(Question(question=question, as_of=day))
    for citation in answer.citations:
        assert citation.quote in service.passage(citation.passage_id).text
    return answer


def test_the_amended_text_comes_first_then_its_history(service: Service) -> None:
    answer = ask(service, LIMIT_QUESTION, DAY_IN_FORCE)
    first, history = answer.blocks[:2]
    assert first.type == "text"
    assert getattr(first, "derived", None) == "consolidation"
    assert "5万円を限度とする" in answer.answer[:100]
    assert "2026年4月1日から" in getattr(history, "text", "")
    assert "なお従前の例による" in answer.answer
    assert {citation.doc_id for citation in answer.citations} == {"yoko", "kaisei-1"}


def test_before_the_day_of_effect_the_old_text_is_stated_and_the_new_one_announced(service: Service) -> None:
    answer = ask(service, DEADLINE_QUESTION, DAY_IN_FORCE)
    assert "60日以内" in answer.answer[:100]
    assert "この定めは、2026年10月1日に変わります" in answer.answer
    assert "「90日」" in answer.answer
    assert "90日以内" in ask(service, DEADLINE_QUESTION, DAY_AFTER_SECOND_AMENDMENT).answer[:100]


def test_an_amendment_is_not_known_before_its_promulgation(service: Service) -> None:
    answer = ask(service, LIMIT_QUESTION, date(2025, 5, 1))
    assert "3万円を限度" in answer.answer
    assert "変わります" not in answer.answer


def test_a_replaced_provision_and_the_former_one_are_both_cited(service: Service) -> None:
    answer = ask(service, "水道料金を滞納していると雨水タンクの補助の対象になりませんか", DAY_IN_FORCE)
    assert "水道料金を滞納している者は、補助の対象としない" in answer.answer[:200]
    quotes = [(citation.doc_id, citation.quote) for citation in answer.citations]
    assert any(doc_id == "yoko" and "市税を滞納している者" in quote for doc_id, quote in quotes)
    assert any(doc_id == "kaisei-1" and "市税又は水道料金" in quote for doc_id, quote in quotes)
    assert "従前の例" not in answer.answer


def test_a_declined_amendment_makes_the_answer_partial_and_is_quoted(service: Service) -> None:
    answer = ask(service, "雨水タンクの利用の状況の報告を求めることはできますか", DAY_IN_FORCE)
    assert answer.status is Status.PARTIAL
    assert "「30日」という文言がありません" in answer.answer
    assert "第5条中「30日」を「14日」に改める。" in answer.answer


def test_a_repeal_is_announced_and_stated_from_its_day_on(service: Service) -> None:
    question = "電動生ごみ処理機の補助の額はいくらですか"
    assert "2026年4月1日に廃止されました" in ask(service, question, DAY_IN_FORCE).answer
    before = ask(service, question, date(2026, 3, 20)).answer
    assert "2万円" in before[:100]
    assert "2026年4月1日に廃止されます" in before


def test_a_citation_links_to_the_text_of_the_day(service: Service, settings: Settings) -> None:
    answer = ask(service, LIMIT_QUESTION, DAY_IN_FORCE)
    (address,) = {citation.consolidated_url for citation in answer.citations if citation.doc_id == "yoko"}
    assert address == consolidated_url("yoko", DAY_IN_FORCE)
    client = TestClient(create_app(service, settings), follow_redirects=False)
    page = client.get(str(address)).text
    assert "5万円を限度" in page
    assert "<del>3万</del>" in page or "<del>3</del>" in page
    assert "「30日」という文言がありません" in page
    assert "60日以内" in client.get("/documents/yoko/consolidated?day=2026-09-30").text
    assert client.get("/documents/kaisei-1/consolidated").headers["location"] == "/documents/kaisei-1"
    assert "/documents/yoko/consolidated" in client.get("/documents/kaisei-1").text
    assert client.get("/documents/yoko/consolidated?day=2026-13-01").status_code == 422


def test_every_citation_is_in_the_text_and_its_quote_in_its_passage(service: Service, settings: Settings) -> None:
    with open_index(settings) as index:
        for day in (date(2025, 5, 1), DAY_IN_FORCE, DAY_AFTER_SECOND_AMENDMENT):
            assert_citations_match(ask(service, LIMIT_QUESTION, day), index)


@pytest.mark.parametrize(
    ("day", "earlier", "has_upcoming"),
    [
        pytest.param(date(2026, 3, 1), 0, False, id="before promulgation"),
        pytest.param(date(2026, 3, 25), 0, True, id="promulgated"),
        pytest.param(date(2026, 4, 1), 1, False, id="in effect"),
        pytest.param(date(2026, 10, 1), 2, False, id="both in effect"),
    ],
)
def test_the_history_of_a_provision_has_what_was_promulgated(day: date, earlier: int, *, has_upcoming: bool) -> None:
    consolidation = consolidate(FIRST, SECOND)
    key = next(child.key for child in consolidation.on(date.min).children if child.step.number == "3")
    state = state_on(consolidation, key, day)
    assert state is not None
    assert len(state.earlier) == earlier
    assert (state.upcoming is not None) is has_upcoming
