import json
import logging
import re
from contextvars import copy_context

import pytest
from fastapi.testclient import TestClient

from bot.running.http.log import JsonLines, begin_request, redact_text
from bot.running.server.api import create_app
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn

NUMBER = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    "given",
    ["", "short", "x" * 65, "id with blanks", "id\u2028line", 'id"},{"', "090-1234-5678", "０９０１２３４５６７８"],
)
def test_an_invalid_request_id_is_replaced(given: str) -> None:
    client = TestClient(create_app(StandIn(), Settings(_env_file=None)))
    answer = client.get("/health", headers={b"X-Request-Id": given.encode()})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
    assert client.get("/health", headers={"X-Request-Id": NUMBER}).headers["x-request-id"] == NUMBER


PHONE = "090-1234-5678"


def record(message: str, error: Exception | None = None, logger_name: str = "bot") -> logging.LogRecord:
    exc_info = (type(error), error, None) if error else None
    return logging.LogRecord(logger_name, logging.WARNING, "", 0, message, None, exc_info)


def test_personal_data_is_masked_in_message_and_traceback() -> None:
    line = JsonLines().format(record(f"回答できません: {PHONE}", ValueError(f"{PHONE} は読めません")))
    assert PHONE not in line
    assert json.loads(line)["message"] == "回答できません: 〔電話番号〕"
    assert "〔電話番号〕 は読めません" in json.loads(line)["traceback"]


@pytest.mark.parametrize(
    ("reasons", "line"),
    [
        ("回答を使えません: 「山田太郎の税」は出典にありません", "回答を使えません: 〔…〕は出典にありません"),
        ("日付「令和8年」は出典にありません / 「山田」が違います", "日付〔…〕は出典にありません / 〔…〕が違います"),
        ("「山田が「重要」と言う」に出典がありません", "〔…〕に出典がありません"),
        ("「税 / 山田」は出典にありません", "〔…〕 / 〔…〕は出典にありません"),
        ("出典 1 の引用が原文と一致しません", "出典 1 の引用が原文と一致しません"),
    ],
)
@pytest.mark.parametrize(
    "logger_name",
    [
        "bot.answering.verification.statement_check",
        "bot.answering.answers.generated",
        "bot.answering.model_answers.answer_writer",
        "bot.answering.easy_japanese",
    ],
)
def test_rejected_text_is_not_quoted(logger_name: str, reasons: str, line: str) -> None:
    assert json.loads(JsonLines().format(record(reasons, logger_name=logger_name)))["message"] == line


def test_every_line_of_a_request_has_its_number() -> None:

    def work() -> None:
        begin_request("abc")
        assert json.loads(JsonLines().format(record("始めます")))["request"] == "abc"

    copy_context().run(work)
    assert "request" not in json.loads(JsonLines().format(record("始めます")))


@pytest.mark.parametrize("begun", [True, False], ids=["request", "queue"])
def test_no_log_line_has_the_question(*, begun: bool) -> None:

    def work() -> None:
        if begun:
            begin_request("abc")
            copy_context().run(redact_text, "山田さんの税はいくら")
        else:
            redact_text("山田さんの税はいくら")
        exc_info = record("失敗: 山田さんの税はいくら", ValueError("bad: '山田さんの税はいくら'"))
        line = JsonLines().format(exc_info)
        assert "山田" not in line
        assert line.count("〔質問〕") == 2

    copy_context().run(work)


def test_a_message_with_line_breaks_is_one_line() -> None:
    assert json.loads(JsonLines().format(record("あ\nERROR 偽")))["message"] == "あ ERROR 偽"


def test_the_access_log_has_no_address_and_no_query() -> None:
    line = logging.LogRecord("uvicorn.access", logging.INFO, "", 0, '%s - "%s %s HTTP/%s" %d', None, None)
    line.args = ("192.0.2.1:4711", "GET", "/api/search/090-1234-5678?q=himitsu", "1.1", 200)
    told = json.loads(JsonLines().format(line))
    assert (told["method"], told["path"], told["status"]) == ("GET", "/api/search/〔電話番号〕", 200)
    assert "himitsu" not in str(told)
    assert "192.0.2.1" not in str(told)
