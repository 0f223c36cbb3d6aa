"""Logging of a server to stderr as JSON lines, uvicorn's access log included.

The log contains no address of a reader and no text of questions or answers: queries and quotes are removed, and
personal data is masked.
"""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from bot.answering.privacy.personal import mask_personal_data

# The current request's number and the texts to redact from its log lines. Its threads share the same list.
_REQUEST: ContextVar[str] = ContextVar("request", default="")
_REDACTED: ContextVar[list[str] | None] = ContextVar("redacted", default=None)
# These packages log why they reject a sentence, and quote it.
_QUOTING = (
    "bot.answering.answers.",
    "bot.answering.verification.",
    "bot.answering.llm.",
    "bot.answering.easy_japanese",
    "bot.answering.model_answers.",
)
_ACCESS = "uvicorn.access"
_ELLIPSIS = "〔…〕"
_QUOTE = re.compile("「.*」|「.*|^[^「]*」", re.DOTALL)


def begin_request(number: str) -> None:
    """Add the number of this request to every following log line of this context."""
    _REQUEST.set(number)
    _REDACTED.set([])


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
        fields: dict[str, Any] = {"request": _REQUEST.get()} if _REQUEST.get() else {}
        if record.name == _ACCESS and isinstance(record.args, tuple):
            _, method, target, _, status = record.args
            fields |= {"method": method, "path": unquote(str(target).partition("?")[0]), "status": status}
            message = f"{method} {fields['path']} {status}"
            fields["path"] = _redact(fields["path"])
        else:
            message = record.getMessage()
        if record.name.startswith(_QUOTING):
            message = " / ".join(_QUOTE.sub(_ELLIPSIS, reason) for reason in message.split(" / "))
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _redact(message).replace("\n", " "),
            **fields,
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = _redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def configure_server_log() -> None:
    """Log this project and requests at INFO and libraries at WARNING to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in ("bot", _ACCESS):
        logging.getLogger(name).setLevel(logging.INFO)


def _redact(text: str) -> str:
    for redacted in _REDACTED.get() or ():
        if redacted.strip():
            text = text.replace(redacted, "〔質問〕")
    return mask_personal_data(text)
