"""Starts a process to measure and communicates with it in JSON lines over pipes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from eval.errors import EvalError

# One thread for matrix products, so that a single question uses one core in any system.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class MeasuredProcessError(EvalError):
    """A measured process ended; the message has its last output."""


@dataclass(slots=True)
class MeasuredProcess:
    """A running process; `start_s` is the time from its start until it was ready."""

    process: subprocess.Popen[str]
    errors: Path
    start_s: float = 0.0
    about: dict[str, Any] = field(default_factory=dict)

    def ask(self, **request: Any) -> dict[str, Any]:
        """Return the answer to one request. Raises MeasuredProcessError."""
        if not self.process.stdin:
            raise self._ended_error()
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise self._ended_error() from error
        return self.read_line()

    def read_line(self) -> dict[str, Any]:
        """Return the next line of output. Raises MeasuredProcessError."""
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            raise self._ended_error()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _ended_error(self) -> MeasuredProcessError:
        status = self.process.wait()
        words = self.errors.read_text("utf-8", "replace").strip().splitlines() or ["何も言わずに終わりました"]
        return MeasuredProcessError(f"測っているプロセスが終わりました(終了コード {status}): {words[-1]}")


@contextmanager
def start_process(module: str, arguments: Sequence[str], folder: Path) -> Iterator[MeasuredProcess]:
    """Run `python -m module`, yield it when it is ready, and end it; its stderr is in `folder`.

    Raises MeasuredProcessError if it does not become ready.
    """
    errors = folder / f"{module}-{'-'.join(arguments[:1])}.stderr"
    started = perf_counter()
    with errors.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(  # noqa: S603 -- this Python and a module of ours
            [sys.executable, "-m", module, *arguments],
            env={**os.environ, **_ONE_THREAD},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            encoding="utf-8",
        )
    try:
        measured = MeasuredProcess(process, errors)
        measured.about = measured.read_line()
        measured.start_s = perf_counter() - started
        yield measured
        process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
