from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import create_engine, select

from bot.answering.state import Question
from bot.running.service.service import Service, open_service
from bot.running.storage.database import database_url
from bot.running.storage.tables import turns
from ingest.configuration.settings import Settings
from tests.bot import model_server as server
from tests.bot.answer_assertions import TODAY
from tests.bot.answering.retrieval.passages import built
from tests.bot.draft_rendering import message_text
from tests.bot.model_server import Behaviour, ModelServer

ILLNESS, STREET = "腎炎", "若草町2-7-15"
ASKED = f"戸塚真央と申します。{ILLNESS}で通院しています。医療費の助成はいくらまでですか。"
DOCUMENTS = {
    "kidney": "# 腎炎の医療費の助成\n\n腎炎の医療費の助成は、月2万円までです。保健課に申請してください。\n",
    "asthma": "# 喘息の医療費の助成\n\n喘息の医療費の助成は、月5千円までです。子育て課に申請してください。\n",
    "rubbish": "# 若草町のごみの日\n\n若草町の資源ごみの日は、毎月第2木曜日です。\n",
    "rubbish-2": "# 港町のごみの日\n\n港町の資源ごみの日は、毎月第4火曜日です。\n",
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return built(tmp_path_factory.mktemp("disclosures"), DOCUMENTS)


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    with open_service(settings, lambda: TODAY) as opened:
        yield opened


def stored_text(settings: Settings) -> str:
    engine = create_engine(database_url(settings))
    with engine.connect() as connection:
        rows = str(connection.execute(select(turns)).all())
    engine.dispose()
    return rows


def test_personal_data_is_used_but_not_stored(service: Service, settings: Settings) -> None:
    answer = service.ask(Question(question=ASKED))
    assert answer.citations[0].doc_id == "kidney"
    assert "2万円" in answer.answer
    assert message_text("masked") + message_text("without_names") in answer.notices
    assert answer.question_understood.startswith(f"〔氏名〕と申します。{ILLNESS}で通院しています。")
    assert "戸塚" not in stored_text(settings)


def test_the_street_is_used_for_the_search_and_not_stored(service: Service, settings: Settings) -> None:
    answer = service.ask(Question(question=f"{STREET}に住んでいます。資源ごみの日はいつですか。"))
    assert answer.citations[0].doc_id == "rubbish"
    assert answer.question_understood.startswith("〔住所〕に住んでいます。")
    assert STREET not in stored_text(settings)


def test_each_of_several_questions_is_repeated_without_it(service: Service) -> None:
    question = f"{ILLNESS}の医療費の助成はいくらまでですか。{STREET}の資源ごみの日はいつですか。"
    answer = service.ask(Question(question=question))
    assert "「〔住所〕の資源ごみの日はいつですか。」" in answer.answer
    assert "第2木曜日" in answer.answer
    assert STREET not in answer.answer


def test_an_address_does_not_reach_the_model(
    settings: Settings, model_server: Callable[[Behaviour], ModelServer]
) -> None:
    model = model_server(server.says("月2万円までです[1]。"))
    ours = settings.model_copy(update={"llm": model.models()})
    with open_service(ours, lambda: TODAY) as service:
        first = service.ask(Question(question=ASKED))
        street = f"{STREET}に住んでいます。資源ごみの日はいつですか。"
        service.ask(Question(question=street, conversation_id=first.conversation_id))
    sent = str(model.requests)
    assert len(model.requests) > 1
    assert DOCUMENTS["kidney"].split("\n")[2] in sent
    assert not [piece for piece in ("戸塚", STREET) if piece in sent]
