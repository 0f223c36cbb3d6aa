"""The log of a server: one JSON object a line on stderr, so that any collector can read it; personal data is masked."""

import json
import logging
import sys
from datetime import UTC, datetime

from bot.guard.personal import mask


class JsonLines(logging.Formatter):
    """Writes a record with its time (UTC), and with what `extra={"fields": …}` adds."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": mask(record.getMessage()),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = mask(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def log_as_server() -> None:
    """Log this project's doings, and of others what they warn of; the web server's own access log is off."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("bot").setLevel(logging.INFO)
