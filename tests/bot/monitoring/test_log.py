"""Tests of the log of a server."""

import json
import logging
from contextvars import copy_context

import pytest

from bot.monitoring.log import JsonLines, PlainLines, begin_request, redact_text

PHONE = "090-1234-5678"


def record(message: str, error: Exception | None = None, logger_name: str = "bot") -> logging.LogRecord:
    exc_info = (type(error), error, None) if error else None
    return logging.LogRecord(logger_name, logging.WARNING, "", 0, message, None, exc_info)


def test_a_line_is_one_json_object() -> None:
    line = json.loads(JsonLines().format(record("始めます")))
    assert line["level"] == "WARNING"
    assert line["logger"] == "bot"
    assert line["message"] == "始めます"


def test_personal_data_is_masked_in_message_and_traceback() -> None:
    line = JsonLines().format(record(f"回答できません: {PHONE}", ValueError(f"{PHONE} は読めません")))
    assert PHONE not in line
    assert json.loads(line)["message"] == "回答できません: 〔電話番号〕"
    assert "〔電話番号〕 は読めません" in json.loads(line)["traceback"]


def test_a_line_for_people_reads_from_left_to_right() -> None:
    exc_info = record("GET /api/chat 200")
    exc_info.fields = {"ms": 3.2}
    assert PlainLines().format(exc_info)[19:] == " WARNING GET /api/chat 200  [ms=3.2]"
    broken = PlainLines().format(record("失敗", ValueError(f"{PHONE} は読めません"))).splitlines()
    assert broken[0].endswith("失敗")
    assert broken[1:] == ["ValueError: 〔電話番号〕 は読めません"]


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
    ["bot.verification.statement_check", "bot.answers.generated", "bot.generation.answer_writer", "bot.easy_japanese"],
)
def test_rejected_text_is_not_quoted(logger_name: str, reasons: str, line: str) -> None:
    assert json.loads(JsonLines().format(record(reasons, logger_name=logger_name)))["message"] == line
    assert PlainLines().format(record(reasons, logger_name=logger_name)).endswith(line)


def test_other_loggers_may_quote() -> None:
    assert (
        json.loads(JsonLines().format(record("索引「g1」を読めません", logger_name="ingest")))["message"]
        == "索引「g1」を読めません"
    )


def test_every_line_of_a_request_has_its_number() -> None:

    def work() -> None:
        begin_request("abc")
        assert json.loads(JsonLines().format(record("始めます")))["request"] == "abc"
        assert "[request=abc]" in PlainLines().format(record("始めます"))

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
        for line in (JsonLines().format(exc_info), PlainLines().format(exc_info)):
            assert "山田" not in line
            assert line.count("〔質問〕") == 2

    copy_context().run(work)


def test_a_message_with_line_breaks_is_one_line() -> None:
    assert "\n" not in PlainLines().format(record("GET /a\n2026-11-20 ERROR 偽"))
