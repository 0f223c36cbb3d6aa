"""One size, measured: built and served in fresh processes, ours and the stock way by turns."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.metrics.latency import percentiles
from eval.speed.chat import chat_times
from eval.speed.handed import write_readings
from eval.speed.material import Material
from eval.speed.ours import save_settings
from eval.speed.process import Measured, MeasuredProcessError, started
from ingest.settings import Settings

OURS, STOCK = "eval.speed.ours", "eval.speed.stock"
_THREADS = 8
# Queries asked of one before the other has its turn, so that whatever else the machine does falls on both.
_TURN = 10
# Asked before anything is timed: the first queries load what the later ones find loaded.
_WARM_UP = 5


@dataclass(frozen=True, slots=True)
class Timed:
    """What one process took: a time a query, in milliseconds."""

    figures: dict[str, float]
    times_ms: list[float]


def measure(
    settings: Settings, material: Material, others: Mapping[str, Material], *, chat: bool = False
) -> dict[str, Timed]:
    """Return what the product took with `material`, and each of `others` (modules) with its own.

    Queries are those of `material`; with `chat` they are put to a server of their own first. Raises EvalError where a
    process fails.
    """
    whats = {OURS: material, **others}
    with TemporaryDirectory(prefix="shirube-speed-") as name, ExitStack() as stack:
        folder = Path(name)
        arguments = {module: _hand_over(settings, module, m, folder) for module, m in whats.items()}
        figures = {module: _build(module, arguments[module], len(m.texts)) for module, m in whats.items()}
        if chat:
            data = folder / OURS / "data"
            figures[OURS] |= chat_times(settings.model_copy(update={"data": data}), material.queries, folder)
        processes = {}
        for module in whats:
            processes[module] = stack.enter_context(started(module, ["serve", *arguments[module]], folder))
            figures[module] |= {"start_s": processes[module].start_s}
        return _asked(processes, figures, material.queries)


def _hand_over(settings: Settings, module: str, material: Material, folder: Path) -> list[str]:
    """Write what a module's processes are given, and return their arguments."""
    data = folder / module
    data.mkdir()
    handed = data / "settings.json", data / "material.jsonl"
    save_settings(settings.model_copy(update={"data": data / "data", "chroma_url": None}), handed[0])
    write_readings(handed[1], material.readings)
    return [str(file) for file in handed]


def _build(module: str, arguments: Sequence[str], passages: int) -> dict[str, float]:
    command = [sys.executable, "-m", module, "build", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)  # noqa: S603 -- ours
    if done.returncode:
        words = done.stderr.strip().splitlines() or [""]
        raise MeasuredProcessError(f"索引を作るプロセスが終わりました(終了コード {done.returncode}): {words[-1]}")
    told = json.loads(done.stdout.splitlines()[-1])
    return {
        "build_s": told["build_s"],
        "passages_per_s": passages / told["build_s"],
        "build_rss_mb": told["rss_mb"],
    }


def _asked(
    processes: Mapping[str, Measured], figures: Mapping[str, dict[str, float]], queries: Sequence[str]
) -> dict[str, Timed]:
    times: dict[str, list[float]] = {module: [] for module in processes}
    walls = dict.fromkeys(processes, 0.0)
    for process in processes.values():
        process.ask(search=list(queries[:_WARM_UP]), threads=1)
    for start in range(0, len(queries), _TURN):
        for module, process in processes.items():
            told = process.ask(search=list(queries[start : start + _TURN]), threads=1)
            times[module] += told["times_ms"]
            walls[module] += told["wall_s"]
    for module, process in processes.items():
        at_once = process.ask(search=list(queries), threads=_THREADS)
        figures[module].update(percentiles(times[module], 50, 95, 99))
        figures[module].update({"qps_1": len(queries) / walls[module], "qps_8": len(queries) / at_once["wall_s"]})
    answers = processes[OURS].ask(answer=list(queries), threads=1)["times_ms"]
    figures[OURS].update({f"answer_{name}": value for name, value in percentiles(answers, 50, 95).items()})
    for module, process in processes.items():
        figures[module]["rss_mb"] = process.ask(rss=True)["rss_mb"]
    return {module: Timed(figures[module], times[module]) for module in processes}


def ratios(ours: Mapping[str, Any], stock: Mapping[str, Any]) -> dict[str, float]:
    """Return how many times as fast ours is, figure by figure.

    Start and memory have none: ours are those of the whole server with its pages, and the stock way has no server.
    """
    more = {name: ours[name] / stock[name] for name in ("passages_per_s", "qps_1", "qps_8")}
    return more | {name: stock[name] / ours[name] for name in ("p50_ms", "p95_ms", "p99_ms")}
