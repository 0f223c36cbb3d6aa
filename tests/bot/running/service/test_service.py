from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Table, create_engine, func, select

from bot.answering.state import CITED, Question
from bot.errors import (
    BadQuestionError,
    UnknownAnswerError,
    UnknownPassageError,
)
from bot.running.server.api import create_app
from bot.running.service.service import Service, open_service
from bot.running.storage.database import database_url
from bot.running.storage.tables import feedback, turns
from ingest.configuration.settings import Settings
from tests.bot.answer_assertions import TODAY, Ask, assert_answered
from tests.bot.draft_rendering import message_text
from tests.conftest import ROOT, indexed_once

pytest_plugins = ["tests.bot.city_index"]

MY_NUMBER, PHONE, MAIL, CARD = "123456789018", "090-1234-5678", "taro@example.jp", "4242 4242 4242 4242"


def recorded_rows(settings: Settings, table: Table, answer_id: str) -> list[Any]:
    engine = create_engine(database_url(settings))
    with engine.connect() as connection:
        rows = connection.execute(select(table).where(table.c.answer_id == answer_id).order_by(table.c.number))
        found = list(rows)
    engine.dispose()
    return found


def number_kept(settings: Settings) -> int:
    engine = create_engine(database_url(settings))
    with engine.connect() as connection:
        number = connection.execute(select(func.count()).select_from(turns)).scalar_one()
    engine.dispose()
    return number


def test_an_answer_is_recorded_with_its_origin(city_service: Service, city_settings: Settings) -> None:
    answer = city_service.ask(Question(question="植樹の本数の目標値は？"))
    (row,) = recorded_rows(city_settings, turns, answer.answer_id)
    assert row.answer_id == answer.answer_id
    assert row.conversation_id == answer.conversation_id
    assert row.question == "植樹の本数の目標値は？"
    assert row.understood == "植樹の本数の目標値は?"
    assert row.status == "answered"
    assert row.generator == "extractive"
    assert row.answer == answer.model_dump(mode="json")
    assert row.generation == city_service.generation
    assert row.timings_ms == answer.timings_ms
    assert row.topic == "指標の達成状況(公園づくり)"


def test_earlier_messages_complete_a_question_and_are_not_recorded(
    city_service: Service, city_settings: Settings
) -> None:
    before = number_kept(city_settings)
    earlier = ("こんにちは", "。", "植樹の本数は?公園の面積の目標値は?", "実績は?")
    answer = city_service.ask(Question(question="いつの数値ですか?"), earlier=earlier)
    assert "公園の面積" in answer.question_understood
    assert number_kept(city_settings) == before + 1


@pytest.mark.parametrize("number", [MY_NUMBER, PHONE, MAIL, CARD])
def test_personal_numbers_are_masked_before_recording(
    city_service: Service, city_settings: Settings, number: str
) -> None:
    answer = city_service.ask(Question(question=f"私の番号は{number}です。植樹の本数の目標値は?"))
    assert message_text("masked") + message_text("without_names") in answer.notices
    assert number not in answer.model_dump_json()
    assert number not in str(recorded_rows(city_settings, turns, answer.answer_id))
    files = [path for path in city_settings.data.glob("*") if path.is_file()]
    assert files
    assert not any(number.encode() in path.read_bytes() for path in files)


WRONG = [
    ("", "空です"),
    ("   ", "空です"),
    ("\u3000\n\t", "空です"),
    ("。。。???!!!", "記号だけ"),
    ("★☆♪", "記号だけ"),
]


@pytest.mark.parametrize(("text", "told"), WRONG)
def test_an_unreadable_question_is_refused(
    city_service: Service, city_settings: Settings, text: str, told: str
) -> None:
    before = number_kept(city_settings)
    with pytest.raises(BadQuestionError, match=told):
        city_service.ask(Question(question=text))
    with pytest.raises(BadQuestionError, match=told):
        city_service.search(text)
    assert number_kept(city_settings) == before


AS_OF = [
    (None, "緑と水を未来へつなぐまち"),
    (date(2023, 5, 1), "ごみのない住みよいまち"),
    (date(2029, 5, 1), "星の見える空を守るまち"),
]


@pytest.mark.parametrize(("as_of", "principle"), AS_OF)
def test_the_plan_in_force_on_the_as_of_date_answers(ask: Ask, as_of: date | None, principle: str) -> None:
    answer = ask("基本理念は?", as_of=as_of)
    assert_answered(answer, principle)
    assert principle in answer.citations[0].quote
    assert answer.citations[0].in_force
    assert not any(citation.in_force for citation in answer.citations[1:])


REPLACED = [
    ("前のプランの基本理念は?", "ごみのない住みよいまち"),
    ("移動図書車は何校を回りますか?", "15校"),
]


@pytest.mark.parametrize(("question", "said"), REPLACED)
def test_an_answer_from_a_superseded_plan_names_its_successor(ask: Ask, question: str, said: str) -> None:
    answer = ask(question)
    assert answer.status in CITED
    assert said in answer.citations[0].quote
    assert answer.citations[0].superseded_by == "kankyo-plan-2.0"
    assert any("「星見市環境プラン2.0」に引き継がれた" in notice for notice in answer.notices)


def test_a_search_can_be_limited(city_service: Service) -> None:
    assert {h.passage.doc_id for h in city_service.search("基本理念", 50, doc_id="kankyo-plan")} == {"kankyo-plan"}
    assert {h.passage.doc_id for h in city_service.search("基本理念", 50, date(2022, 1, 1))} == {"kankyo-plan"}
    assert "kankyo-plan-3.0" not in {h.passage.doc_id for h in city_service.search("基本理念", 50)}


def test_a_cited_passage_can_be_fetched(city_service: Service) -> None:
    citation = city_service.ask(Question(question="植樹の本数の目標値は?", as_of=TODAY)).citations[0]
    passage = city_service.passage(citation.passage_id)
    assert citation.quote in passage.text
    with pytest.raises(UnknownPassageError, match="made-up#1"):
        city_service.passage("made-up#1")


def test_documents_are_listed_with_their_state(city_service: Service) -> None:
    states = {state.document.id: (state.in_force, state.superseded_by) for state in city_service.documents()}
    assert states == {
        "kankyo-plan": (False, "kankyo-plan-2.0"),
        "kankyo-plan-2.0": (True, None),
        "kankyo-plan-3.0": (False, None),
        "kankyo-kaigi-r6-2": (None, None),
    }
    before = {state.document.id: state.in_force for state in city_service.documents(date(2023, 5, 1))}
    assert before["kankyo-plan"]


def test_a_vote_is_recorded_with_its_answer(city_service: Service, city_settings: Settings) -> None:
    answer_id = city_service.ask(Question(question="基本理念は?")).answer_id
    city_service.feedback(answer_id, "down", ["古い"], "違うプランです")
    city_service.feedback(answer_id, "up")
    rows = [
        (row.answer_id, row.rating, row.reasons, row.comment)
        for row in recorded_rows(city_settings, feedback, answer_id)
    ]
    assert rows == [(answer_id, "down", ["古い"], "違うプランです"), (answer_id, "up", [], "")]


def test_a_comment_is_masked(city_service: Service, city_settings: Settings) -> None:
    answer_id = city_service.ask(Question(question="基本理念は?")).answer_id
    city_service.feedback(answer_id, "up", reasons=[f"連絡先 {MAIL}"], comment=f"{PHONE} に電話してください")
    (row,) = recorded_rows(city_settings, feedback, answer_id)
    assert row.reasons == ["連絡先 〔メールアドレス〕"]
    assert PHONE not in row.comment
    assert "電話してください" in row.comment


def test_a_comment_of_staff_is_not_masked(city_service: Service, city_settings: Settings) -> None:
    answer_id = city_service.ask(Question(question="基本理念は?")).answer_id
    city_service.feedback(answer_id, "down", [], f"{PHONE} に折り返す", by_staff=True)
    assert [row.comment for row in recorded_rows(city_settings, feedback, answer_id)] == [f"{PHONE} に折り返す"]


def test_a_vote_for_an_unknown_answer_is_refused(city_service: Service) -> None:
    with pytest.raises(UnknownAnswerError, match="見つかりません"):
        city_service.feedback("made-up", "up")


KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
ASKED = Question(question="植樹の本数の目標値は？", delivery=KEY)
BODIES: dict[str, Any] = {
    "/api/chat": {"question": ASKED.question},
    "/v1/chat/completions": {"messages": [{"role": "user", "content": ASKED.question}]},
}


def test_deliveries_at_the_same_time_are_recorded_once(city_service: Service, city_settings: Settings) -> None:
    asked = ASKED.model_copy(update={"delivery": "four at the same time"})
    recorded = number_kept(city_settings)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(city_service.ask, [asked] * 4))
    assert len({(answer.answer_id, answer.conversation_id) for answer in answers}) == 1
    assert number_kept(city_settings) == recorded + 1


@pytest.mark.parametrize(
    "changed", [{"question": "芝生化した公園の数は？"}, {"style": "easy"}, {"delivery": KEY[::-1]}]
)
def test_another_question_is_answered_separately(city_service: Service, changed: dict[str, Any]) -> None:
    first, other = city_service.ask(ASKED), city_service.ask(ASKED.model_copy(update=changed))
    assert first.answer_id != other.answer_id
    assert first.conversation_id != other.conversation_id


@pytest.mark.parametrize("path", BODIES)
def test_the_api_reads_the_key_of_a_delivery(city_service: Service, city_settings: Settings, path: str) -> None:
    client = TestClient(create_app(city_service, city_settings))
    recorded = number_kept(city_settings)
    for _ in range(2):
        headers = {"Idempotency-Key": f"{KEY} {path}"}
        assert client.post(path, json=BODIES[path], headers=headers).status_code == 422
        assert client.post(path, json=BODIES[path], headers={"Idempotency-Key": "1"}).status_code == 422
        assert client.post(path, json=BODIES[path], headers={"Idempotency-Key": KEY + path}).status_code == 200
    assert number_kept(city_settings) == recorded + 1
    for _ in range(2):
        client.post(path, json=BODIES[path])
    assert number_kept(city_settings) == recorded + 3


DOCUMENTS = ROOT / "tests/documents/kirisawa"
LIMIT = "雨水タンクの補助金の限度はいくらですか"


@pytest.fixture(scope="module")
def amended(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    data = indexed_once(DOCUMENTS, "kirisawa", tmp_path_factory)
    return Settings(_env_file=None, data=data, corpus=DOCUMENTS)


@pytest.fixture(scope="module")
def service(amended: Settings) -> Iterator[Service]:
    with open_service(amended, lambda: date(2026, 5, 10)) as opened:
        yield opened


def test_a_notice_names_the_amending_document_and_its_day(service: Service) -> None:
    answer = service.ask(Question(question=LIMIT))
    assert "yoko" in {citation.doc_id for citation in answer.citations}
    assert any("改正" in notice and "2026年2月20日" in notice for notice in answer.notices)


def test_an_amendment_is_not_known_before_its_day(service: Service) -> None:
    answer = service.ask(Question(question=LIMIT, as_of=date(2026, 2, 1)))
    assert {citation.doc_id for citation in answer.citations} == {"yoko"}
    assert answer.notices == ()


def test_the_page_of_an_amending_document_names_what_it_amends(service: Service, amended: Settings) -> None:
    page = TestClient(create_app(service, amended)).get("/documents/kaisei-1").text
    assert '/documents/yoko">' in page
