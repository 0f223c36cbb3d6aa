import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from bot.answering.languages import LANGUAGES
from bot.answering.screening import OFFICE_FILE, EmergencyScreen, read_situations
from bot.answering.state import Question, Status
from bot.channels.html.display_preferences import DisplayPreferences
from bot.channels.pages.citizen.answering_pool import AnswerProgress
from bot.channels.pages.citizen.citizen_renderer import CitizenRenderer, PendingQuestion
from bot.channels.pages.citizen.conversation import Conversation, DisplayedAnswer
from bot.channels.pages.citizen.reader_texts import text_to_copy
from bot.errors import OfficeError
from bot.running.commands.doctor import check_emergencies
from bot.running.office.office import read_office
from bot.running.server.api import create_app
from bot.running.service.service import Service, open_service
from ingest.configuration.settings import Settings

CONTACT = "市役所 代表 076-220-2111"
ROWS = [line.split("\t") for line in Path(__file__).with_name("messages.tsv").read_text("utf-8").splitlines()]
FIRE = "家が火事です"
SURE = "オンライン申請率の目標値は?"


@pytest.fixture(scope="module")
def service(data: Path) -> Iterator[Service]:
    with open_service(Settings(_env_file=None, data=data, contact=CONTACT), lambda: date(2026, 11, 28)) as opened:
        yield opened


@pytest.fixture(scope="module")
def api(service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(service, Settings(_env_file=None, mcp=True))) as client:
        yield client


@pytest.fixture(scope="module")
def screen() -> EmergencyScreen:
    return EmergencyScreen(read_situations(Settings(_env_file=None, contact=CONTACT)).help_lines)


@pytest.mark.parametrize(("number", "language", "text"), ROWS, ids=[f"{row[1]}-{n}" for n, row in enumerate(ROWS)])
def test_the_right_number_is_first(screen: EmergencyScreen, number: str, language: str, text: str) -> None:
    del language
    urgent = screen(text).urgent
    assert (urgent[0].numbers[0].number if urgent else "none") == number


def test_every_text_of_the_table_is_in_every_language() -> None:
    for part in read_situations(Settings(_env_file=None, contact=CONTACT)).help_lines.values():
        texts = [
            part.name,
            *([part.note] if part.note else []),
            *(x for one in part.numbers for x in (one.name, one.hours)),
        ]
        assert all(text.keys() == set(LANGUAGES) for text in texts), part.situation


def test_danger_is_seen_in_a_follow_up_and_nothing_near_is_shown(service: Service) -> None:
    first = service.ask(Question(question=SURE))
    answer = service.ask(Question(question="それより夫に殴られています", conversation_id=first.conversation_id))
    assert answer.urgent[0].numbers[0].tel == "tel:%238008"
    assert (answer.status, answer.nearest, answer.suggestions, answer.citations) == (Status.NO_ANSWER, (), (), ())
    assert "見つか" not in answer.answer
    assert CONTACT not in answer.answer


def test_a_sure_answer_follows_the_numbers(service: Service) -> None:
    answer = service.ask(Question(question=f"助けて!\n・{SURE}\n・火事です"))
    assert answer.answer.startswith("【")
    assert answer.urgent
    if answer.status is Status.ANSWERED:
        assert "100%" in answer.answer


def test_where_danger_is_not_certain_the_text_has_the_numbers_on_one_line(service: Service) -> None:
    answer = service.ask(Question(question="夜中に子どもが熱を出した、病院に行くべきか"))
    assert "#8000" in answer.answer.splitlines()[0]
    assert answer.answer.splitlines()[1] == ""
    assert answer.urgent[0].numbers[0].hours


def test_a_death_is_met_with_condolence(service: Service) -> None:
    answer = service.ask(Question(question="旦那が今朝なくなりました"))
    assert "お悔やみ" in answer.answer
    assert CONTACT in answer.answer
    assert (answer.urgent, answer.nearest) == ((), ())


def test_the_api_and_the_openai_format_begin_with_the_number(api: TestClient) -> None:
    answer = api.post("/api/chat", json={"question": FIRE}).json()
    assert answer["urgent"][0]["numbers"][0]["tel"] == "tel:119"
    assert answer["answer"].startswith(answer["blocks"][0]["text"])
    messages = {"messages": [{"role": "user", "content": FIRE}]}
    done = api.post("/v1/chat/completions", json=messages).json()
    assert "119" in done["choices"][0]["message"]["content"].splitlines()[1]
    assert done["urgent"][0]["situation"] == "fire_ambulance"


def test_a_stream_begins_with_the_number(api: TestClient) -> None:
    lines = api.post("/api/chat", json={"question": FIRE, "stream": True}).text.split("\n\n")
    events = [dict(line.split(": ", 1) for line in part.splitlines()) for part in lines if part.startswith("event")]
    assert [one["event"] for one in events[:3]] == ["urgent", "delta", "stage"]
    text = "".join(json.loads(one["data"])["text"] for one in events if one["event"] == "delta")
    assert text == json.loads(events[-1]["data"])["answer"]


def test_an_assistant_reads_the_number(api: TestClient) -> None:
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "ask", "arguments": {"question": FIRE}},
    }
    headers = {"Accept": "application/json, text/event-stream"}
    result = api.post("/mcp", json=call, headers=headers).json()["result"]
    assert "119" in result["content"][0]["text"].splitlines()[1]
    assert result["structuredContent"]["urgent"]


@pytest.mark.parametrize(
    ("chosen", "shown"), [("ja", "火事・救急"), ("en", "Fire or medical"), ("easy", "けが"), ("vi", "Hỏa hoạn")]
)
def test_the_page_dials_in_the_readers_language(service: Service, chosen: str, shown: str) -> None:
    answer = service.ask(Question(question=FIRE))
    preferences = DisplayPreferences.chosen(chosen)
    renderer = CitizenRenderer(read_office(Settings(_env_file=None)))
    displayed = DisplayedAnswer(FIRE, answer)
    conversation = Conversation(preferences=preferences, answers=(displayed,))
    html = renderer.messages(conversation)[-1]["content"]
    assert 'role="alert"' in html
    assert html.index('href="tel:119"') < html.index('class="after"')
    waiting = PendingQuestion(FIRE, AnswerProgress(urgent=service.screen(FIRE).urgent))
    for text in (html, renderer.messages(Conversation(preferences=preferences), waiting)[-1]["content"]):
        assert shown[:2] in text
    assert "119" in renderer.spoken(answer, preferences)
    assert "119" in text_to_copy(displayed, "市", preferences)
    assert "見つかりませんでした" not in html


OWN = '[{id}]\nname = "雪の相談"\nsource = "https://example.jp/"\nchecked = 2026-11-01\nnumbers = [{numbers}]\n'


def test_an_office_replaces_a_situation(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data=tmp_path)
    text = OWN.format(id="gas", numbers='{number = "0120-00-9999", name = "市ガス", hours = "always", free = true}')
    (tmp_path / OFFICE_FILE).write_text(text, "utf-8")
    table = read_situations(settings)
    assert [one.number for one in table.help_lines["gas"].numbers] == ["0120-00-9999"]
    assert table.help_lines["gas"].numbers[0].hours["en"] == "24 hours"
    assert OFFICE_FILE in check_emergencies(settings)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OWN.format(id="gas", numbers=""), "電話番号を1つ以上"),
        (OWN.format(id="snow", numbers='{number = "1", name = "a", hours = "b"}'), "「snow」という場面はありません"),
        (OWN.format(id="gas", numbers='{number = "ここ", name = "a", hours = "b"}'), "電話番号として読めません"),
        (OWN.format(id="gas", numbers='{nummer = "119", name = "a", hours = "b"}'), "nummer"),
        (OWN.format(id="gas", numbers='{number = "119", name = {xx = "a"}, hours = "b"}'), "xx"),
        ("[gas", "使えません"),
    ],
)
def test_a_broken_table_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / OFFICE_FILE).write_text(text, "utf-8")
    with pytest.raises(OfficeError) as caught:
        check_emergencies(Settings(_env_file=None, data=tmp_path))
    assert said in str(caught.value)
    assert OFFICE_FILE in str(caught.value)
