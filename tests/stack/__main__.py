"""`make stack`: starts the whole service on this machine, prints its addresses, and stops it on Ctrl+C."""

import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from tests.stack.stack import stack


def main() -> int:
    """Run until Ctrl+C; return 2 if a program is missing."""
    with tempfile.TemporaryDirectory(prefix="stack-") as folder:
        try:
            with stack(Path(folder)) as running, suppress(KeyboardInterrupt):
                lines = [
                    f"nginx: {running.proxy.https}/",
                    *(f"worker: {worker.it.url}" for worker in running.workers),
                    f"PostgreSQL: {running.database.url}",
                    f"Chroma: {running.chroma.it}",
                    f"files and logs: {folder}",
                    "Ctrl+C stops all of it.",
                ]
                sys.stdout.write("\n".join(lines) + "\n")
                sys.stdout.flush()
                signal.pause()
        except pytest.skip.Exception as missing:
            sys.stderr.write(f"{missing}\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
