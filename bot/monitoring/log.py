"""Logging of a server to stderr, as JSON lines for collectors or plain lines for people.

The log contains no text of questions or answers: quotes are removed and personal data is masked.
"""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

from bot.privacy.personal import mask_personal_data

LogFormat = Literal["json", "plain"]
# The current request's number and the texts to redact from its log lines. Its threads share the same list.
_REQUEST: ContextVar[str] = ContextVar("request", default="")
_REDACTED: ContextVar[list[str] | None] = ContextVar("redacted", default=None)
# These packages log why they reject a sentence, and quote it.
_QUOTING = (
    "bot.answers.",
    "bot.verification.",
    "bot.llm.",
    "bot.easy_japanese.",
    "bot.easy_japanese",
    "bot.generation.",
)
_ELLIPSIS = "〔…〕"
_QUOTE = re.compile("「.*」|「.*|^[^「]*」", re.DOTALL)


def begin_request(number: str) -> None:
    """Add the number of this request to every following log line of this context."""
    _REQUEST.set(number)
    _REDACTED.set([])


def request_number() -> str:
    """Return the number of the current request, "" if there is none."""
    return _REQUEST.get()


def redact_text(text: str) -> None:
    """Remove this text from every log line of the current request."""
    texts = _REDACTED.get()
    if texts is None:
        _REDACTED.set([text])
    else:
        texts.append(text)


class JsonLines(logging.Formatter):
    """Formats a record as JSON with its time (UTC), request and the fields of `extra={"fields": …}`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            **_fields(record),
        }
        if record.exc_info:
            line["traceback"] = _redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class PlainLines(logging.Formatter):
    """Formats a record as a line in local time; a traceback follows on separate lines."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created).astimezone()
        fields = " ".join(f"{name}={value}" for name, value in _fields(record).items())
        line = f"{time:%Y-%m-%d %H:%M:%S} {record.levelname:<7} {_message(record)}" + (
            f"  [{fields}]" if fields else ""
        )
        return line + ("\n" + _redact(self.formatException(record.exc_info)) if record.exc_info else "")


def configure_server_log(log_format: LogFormat) -> None:
    """Log this project at INFO and libraries at WARNING to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if log_format == "json" else PlainLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("bot").setLevel(logging.INFO)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    request = {"request": _REQUEST.get()} if _REQUEST.get() else {}
    return request | getattr(record, "fields", {})


def _message(record: logging.LogRecord) -> str:
    message = record.getMessage()
    if record.name.startswith(_QUOTING):
        message = " / ".join(_QUOTE.sub(_ELLIPSIS, reason) for reason in message.split(" / "))
    return _redact(message).replace("\n", " ")


def _redact(text: str) -> str:
    for redacted in _REDACTED.get() or ():
        if redacted.strip():
            text = text.replace(redacted, "〔質問〕")
    return mask_personal_data(text)
