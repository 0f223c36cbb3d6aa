"""`python -m bot`: serving, asking, searching, records, accounts, keys, queue, dictionary, models and checks."""

import gc
import logging
import sys
from collections.abc import Sequence

from bot.errors import BotError
from bot.running.commands import staff_commands  # noqa: F401 - declares commands
from bot.running.commands.service_commands import line
from ingest.errors import IngestError

# Allocations between garbage collections. With Python's default of 700 they take a twelfth of the start (decision 094).
# Workers of a server, which import this module, too, also set it.
gc.set_threshold(50_000)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 success, 1 a failed check (doctor), 2 wrong use or bad input."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s", stream=sys.stderr)
    try:
        return line.run(arguments)
    except (BotError, IngestError) as error:
        sys.stderr.write(f"エラー: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
