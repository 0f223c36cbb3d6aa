"""A provision and the words that amend it are shown together, over `tests/documents/kirisawa`."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from fastapi.testclient import TestClient

from bot.generation.materials import MaterialsSelector
from bot.server.api import create_app
from bot.service import Service, open_service
from bot.state import Question
from ingest.configuration.settings import Settings
from ingest.index.index import open_index
from tests.bot.answers.reading import scored_passage, turn_of
from tests.conftest import ROOT, indexed_once

DOCUMENTS = ROOT / "tests/documents/kirisawa"
AMENDED = date(2026, 5, 10)
BEFORE = date(2026, 2, 1)
LIMIT = "雨水タンクの補助金の限度はいくらですか"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    data = indexed_once(DOCUMENTS, "kirisawa", tmp_path_factory)
    return Settings(_env_file=None, data=data, corpus=DOCUMENTS, llm_queries=False)


@pytest.fixture(scope="module")
def service(settings: Settings) -> Iterator[Service]:
    with open_service(settings, lambda: AMENDED) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "newer", "older", "day"),
    [
        pytest.param(LIMIT, "第3条中「3万円」を「5万円」", "3万円を限度", "2026年2月20日", id="amended"),
        pytest.param("電動生ごみ処理機の補助の額は", "廃止する", "2万円とする", "2026年3月10日", id="repealed"),
        pytest.param(
            "水道料金を滞納していると雨水タンクの補助の対象になりませんか",
            "市税又は水道料金を滞納している者",
            "市税を滞納している者",
            "2026年2月20日",
            id="the new words are found",
        ),
    ],
)
def test_the_newer_words_come_first_and_a_notice_has_their_day(
    service: Service, question: str, newer: str, older: str, day: str
) -> None:
    answer = service.ask(Question(question=question))
    assert answer.answer.index(newer) < answer.answer.index(older)
    (notice,) = answer.notices
    assert day in notice
    for citation in answer.citations:
        assert citation.quote in service.passage(citation.passage_id).text


def test_an_amendment_is_not_known_before_its_day(service: Service) -> None:
    answer = service.ask(Question(question=LIMIT, as_of=BEFORE))
    assert "3万円を限度" in answer.answer
    assert {citation.doc_id for citation in answer.citations} == {"yoko"}
    assert answer.notices == ()


@pytest.mark.parametrize(("day", "ids"), [(AMENDED, {"yoko#0003", "kaisei-1#0001"}), (BEFORE, {"yoko#0003"})])
def test_a_model_gets_both(settings: Settings, day: date, ids: set[str]) -> None:
    with open_index(settings) as index:
        provision = index.passages[index.passage_row("yoko#0003")]
        turn = turn_of(LIMIT, scored_passage(provision), documents=index.documents)
        query = replace(turn.query, scope=replace(turn.query.scope, as_of=day))
        materials = MaterialsSelector(index, is_compact=True)(replace(turn, query=query))
    assert {passage.id for passage in materials.passages} == ids


def test_the_page_of_an_amending_document_names_what_it_amends(service: Service, settings: Settings) -> None:
    page = TestClient(create_app(service, settings)).get("/documents/kaisei-1").text
    assert '/documents/yoko">' in page
