import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from bot.__main__ import main
from bot.answering.state import Question
from bot.running.server.api import create_app
from bot.running.service.service import Service, open_service
from ingest.configuration.audit import read_events
from ingest.configuration.settings import Settings

ASKED = "計画の期間は何年間ですか"
TODAY = date(2026, 11, 21)


@pytest.fixture
def own_settings(settings: Settings, own_data: Path) -> Settings:
    return settings.model_copy(update={"data": own_data})


def bytes_of_records(settings: Settings) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(settings.data.glob("shirube.sqlite*")))


def ask_and_get_ids(service: Service, question: str) -> tuple[str, str]:
    answer = service.ask(Question(question=question))
    return answer.conversation_id, answer.answer_id


def test_deleted_conversation_leaves_no_bytes(own_settings: Settings) -> None:
    with open_service(own_settings, lambda: TODAY) as service:
        conversation, answer_id = ask_and_get_ids(service, f"{ASKED}。合言葉はアジサイ")
        ask_and_get_ids(service, f"{ASKED}。合言葉はヒマワリ")
        service.feedback(answer_id, "down", comment="合言葉はコスモス")
        service.open_questions.note_answer(f"{ASKED}。合言葉はアジサイ", "花子")
        assert "アジサイ".encode() in bytes_of_records(own_settings)
        gone = service.forget(conversation, "利用者")
        assert gone.answers == 1
        assert gone.votes == 1
        left = bytes_of_records(own_settings)
    assert [word for word in ("アジサイ", "ヒマワリ", "コスモス") if word.encode() in left] == ["ヒマワリ"]


def test_deletion_is_audited_without_content(own_settings: Settings) -> None:
    with open_service(own_settings, lambda: TODAY) as service:
        service.forget(ask_and_get_ids(service, ASKED)[0], "利用者")
    (act,) = read_events(own_settings)
    assert act.action == "forget"
    assert act.by == "利用者"
    assert "会話1件（回答1件、評価0件）" in act.detail


def test_only_old_conversations_are_deleted(own_settings: Settings) -> None:
    with open_service(own_settings, lambda: TODAY) as service:
        old, young = ask_and_get_ids(service, ASKED)[0], ask_and_get_ids(service, ASKED)[0]
        service.ask(Question(question="その理由は", conversation_id=young))
        with closing(sqlite3.connect(own_settings.data / "shirube.sqlite")) as database:
            database.execute("UPDATE turns SET created = '2026-01-01 00:00:00.000000' WHERE conversation_id = ?", [old])
            database.execute("UPDATE turns SET created = '2026-01-01 00:00:00.000000' WHERE number = 2")
            database.execute("UPDATE conversations SET created = '2026-01-01 00:00:00.000000'")
            database.commit()
        assert service.forget_old(30, "保存期間").conversations == 1
        assert len(service.conversation(young)) == 2


def test_delete_endpoint_reports_the_count(own_settings: Settings) -> None:
    with open_service(own_settings, lambda: TODAY) as service:
        client = TestClient(create_app(service, own_settings))
        conversation = client.post("/api/chat", json={"question": ASKED}).json()["conversation_id"]
        assert client.delete(f"/api/conversations/{conversation}").json() == {"answers": 1, "votes": 0}
        assert client.delete(f"/api/conversations/{conversation}").status_code == httpx2.codes.NOT_FOUND
        again = client.post("/api/chat", json={"question": ASKED, "conversation_id": conversation})
        assert again.status_code == httpx2.codes.NOT_FOUND


def test_delete_command_requires_an_argument(own_settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["forget", "--data", str(own_settings.data)]
    assert main(command) == 2
    assert "--days" in capsys.readouterr().err
    assert main([*command, "--days", "30", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"conversations": 0, "answers": 0, "votes": 0}
