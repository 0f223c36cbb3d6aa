"""Measures `POST /api/chat` on a freshly started server."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import httpx2

from eval.benchmarks.speed.ours import save_settings
from eval.benchmarks.speed.process import MeasuredProcessError
from eval.dataset.sets import CaseSet
from eval.metrics.latency import percentiles
from ingest.build.build import build
from ingest.configuration.settings import Settings

_TIMEOUT_S = 120


def measure_set_chat(settings: Settings, case_set: CaseSet, limit: int | None = None) -> dict[str, float]:
    """Return the figures of `measure_chat` for a set: its documents and up to `limit` distinct first questions."""
    with TemporaryDirectory(prefix="shirube-speed-") as name:
        isolated = settings.model_copy(update={"data": Path(name) / "data", "chroma_url": None})
        build(isolated, case_set.corpora)
        questions = list(dict.fromkeys(case.turns[0] for case in case_set.load(case_set.files)))
        return measure_chat(isolated, questions[:limit], Path(name))


def measure_chat(settings: Settings, questions: Sequence[str], folder: Path) -> dict[str, float]:
    """Return `chat_p50_ms`, `chat_p95_ms`, `chat_max_ms` and `chat_n` of questions to a new server.

    Times are those of whole HTTP requests. The server's files are in `folder`. Raises MeasuredProcessError if it does
    not start or answer.
    """
    times = []
    with _run_server(settings, folder) as url, httpx2.Client(trust_env=False, timeout=_TIMEOUT_S) as client:
        for question in questions:
            started = perf_counter()
            response = client.post(f"{url}/api/chat", json={"question": question})
            times.append((perf_counter() - started) * 1000)
            if response.is_error:
                raise MeasuredProcessError(f"サーバーが答えません(HTTP {response.status_code}): {response.text[:200]}")
    figures = percentiles(times, 50, 95) | {"max_ms": max(times), "n": len(times)}
    return {f"chat_{name}": value for name, value in figures.items()}


@contextmanager
def _run_server(settings: Settings, folder: Path) -> Iterator[str]:
    settings_file = folder / "served.json"
    errors = folder / "served.stderr"
    save_settings(settings, settings_file)
    command = [sys.executable, "-m", "eval.benchmarks.speed.ours", "listen", str(settings_file)]
    with errors.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)  # noqa: S603 -- ours
    try:
        line = process.stdout.readline() if process.stdout else ""
        url = next((word for word in line.split() if word.startswith("http")), "")
        if not url:
            words = errors.read_text("utf-8", "replace").strip().splitlines() or ["何も言わずに終わりました"]
            raise MeasuredProcessError(f"測るサーバーが始まりません: {words[-1]}")
        yield url
    finally:
        process.terminate()
        process.communicate(timeout=_TIMEOUT_S)
