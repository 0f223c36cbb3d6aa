"""The log of a server on stderr: a JSON object a line for collectors, or a line for people.

Nothing of what was asked or answered stands in it: quotes are left out, personal data is masked.
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
# What is being worked on: the number of the request, and what was asked in it. The threads that work on it are given
# the same list.
_REQUEST: ContextVar[str] = ContextVar("request", default="")
_ASKED: ContextVar[list[str] | None] = ContextVar("asked", default=None)
# These rooms tell why they do not use a sentence, and quote it.
_QUOTING = (
    "bot.answers.",
    "bot.verification.",
    "bot.llm.",
    "bot.easy_japanese.",
    "bot.easy_japanese",
    "bot.generation.",
)
_LEFT_OUT = "〔…〕"
_QUOTE = re.compile("「.*」|「.*|^[^「]*」", re.DOTALL)


def begin_request(number: str) -> None:
    """Let every line from here on carry the number of this request."""
    _REQUEST.set(number)
    _ASKED.set([])


def request_number() -> str:
    """Return the number of the request that is being worked on, "" outside of any."""
    return _REQUEST.get()


def redact_text(asked: str) -> None:
    """Leave this text out of every line about what is being worked on, whoever quotes it."""
    texts = _ASKED.get()
    if texts is None:
        _ASKED.set([asked])
    else:
        texts.append(asked)


class JsonLines(logging.Formatter):
    """Writes a record with its time (UTC) and request, and with what `extra={"fields": …}` adds."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            **_fields(record),
        }
        if record.exc_info:
            line["traceback"] = _private(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class PlainLines(logging.Formatter):
    """Writes a record as a line with the time of the server's clock; a traceback follows on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created).astimezone()
        fields = " ".join(f"{name}={value}" for name, value in _fields(record).items())
        line = f"{at:%Y-%m-%d %H:%M:%S} {record.levelname:<7} {_message(record)}" + (f"  [{fields}]" if fields else "")
        return line + ("\n" + _private(self.formatException(record.exc_info)) if record.exc_info else "")


def configure_server_log(written: LogFormat) -> None:
    """Log this project's doings, and of others what they warn of; the web server's own access log is off."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if written == "json" else PlainLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("bot").setLevel(logging.INFO)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    request = {"request": _REQUEST.get()} if _REQUEST.get() else {}
    return request | getattr(record, "fields", {})


def _message(record: logging.LogRecord) -> str:
    message = record.getMessage()
    if record.name.startswith(_QUOTING):
        message = " / ".join(map(_without_quotes, message.split(" / ")))
    return _private(message).replace("\n", " ")


def _private(text: str) -> str:
    for asked in _ASKED.get() or ():
        if asked.strip():
            text = text.replace(asked, "〔質問〕")
    return mask_personal_data(text)


def _without_quotes(reason: str) -> str:
    """Return a reason without what it quotes; half a quote, cut by a separator of its own, goes to its end too."""
    return _QUOTE.sub(_LEFT_OUT, reason)
