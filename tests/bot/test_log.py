"""The log of a server."""

import json
import logging

from bot.log import JsonLines

PHONE = "090-1234-5678"


def record(message: str, error: Exception | None = None) -> logging.LogRecord:
    """Return a record as a logger makes it."""
    told = (type(error), error, None) if error else None
    return logging.LogRecord("bot", logging.WARNING, "", 0, message, None, told)


def test_a_line_is_one_json_object() -> None:
    """With level, logger and message."""
    line = json.loads(JsonLines().format(record("始めます")))
    assert (line["level"], line["logger"], line["message"]) == ("WARNING", "bot", "始めます")


def test_personal_data_is_masked_in_message_and_traceback() -> None:
    """Whatever an error quotes, nobody's number stands in the log."""
    line = JsonLines().format(record(f"回答できません: {PHONE}", ValueError(f"{PHONE} は読めません")))
    assert PHONE not in line
    assert json.loads(line)["message"] == "回答できません: 〔電話番号〕"
    assert "〔電話番号〕 は読めません" in json.loads(line)["traceback"]
