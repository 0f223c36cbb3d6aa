"""Measures one index size in new processes, the product and LangChain in turn."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.benchmarks.speed.chat import measure_chat
from eval.benchmarks.speed.material import Material
from eval.benchmarks.speed.ours import save_settings
from eval.benchmarks.speed.process import MeasuredProcess, MeasuredProcessError, start_process
from eval.benchmarks.speed.readings_file import write_readings
from eval.metrics.latency import percentiles
from ingest.configuration.settings import Settings

OURS = "eval.benchmarks.speed.ours"
STOCK = "eval.benchmarks.speed.stock"
_THREADS = 8
# Queries per turn; the systems alternate, so that other load on the machine affects both.
_QUERIES_PER_TURN = 10
# Untimed queries that load dictionaries and indexes.
_WARM_UP_QUERIES = 5
_BUILT = "built.json"
_MATERIAL = "material.jsonl"


@dataclass(frozen=True, slots=True)
class ProcessTimes:
    """The figures of one process, and the time of each query in milliseconds."""

    figures: dict[str, float]
    times_ms: list[float]


@dataclass(frozen=True, slots=True)
class BuiltIndexes:
    """The indexes of the modules in a folder: number of passages and figures of the build.

    `real` passages of the product are original texts, `mean_chars` is their mean length; `queries` are to be asked.
    """

    modules: Mapping[str, int]
    figures: Mapping[str, dict[str, float]]
    real: int
    mean_chars: float
    queries: Sequence[str]


def build_indexes(settings: Settings, materials: Mapping[str, Material], folder: Path) -> BuiltIndexes:
    """Build the indexes of the product (`OURS`) and of other modules, each from separate material.

    Queries are those of the product's material. Raises EvalError if a process fails.
    """
    for module, material in materials.items():
        (folder / module).mkdir(parents=True, exist_ok=True)
        _write_process_settings(settings, module, folder)
        write_readings(folder / module / _MATERIAL, material.readings)
    ours = materials[OURS]
    built = BuiltIndexes(
        {module: len(material.texts) for module, material in materials.items()},
        {module: _build(module, folder, len(material.texts)) for module, material in materials.items()},
        ours.real,
        sum(map(len, ours.texts)) / len(ours.texts),
        ours.queries,
    )
    (folder / _BUILT).write_text(json.dumps(asdict(built), ensure_ascii=False), "utf-8")
    return built


def load_built_indexes(folder: Path) -> BuiltIndexes | None:
    """Return the indexes that `build_indexes` left in a folder; None if it is incomplete."""
    file = folder / _BUILT
    return BuiltIndexes(**json.loads(file.read_text("utf-8"))) if file.exists() else None


def measure_queries(
    settings: Settings, built: BuiltIndexes, folder: Path, *, chat: bool = False
) -> dict[str, ProcessTimes]:
    """Return the figures of each module; with `chat`, a separate server is asked first.

    Raises EvalError if a process fails.
    """
    figures = {module: dict(built.figures[module]) for module in built.modules}
    if chat:
        data = folder / OURS / "data"
        figures[OURS] |= measure_chat(settings.model_copy(update={"data": data}), built.queries, folder)
    with ExitStack() as stack:
        processes = {}
        for module in built.modules:
            served = start_process(module, ["serve", *_write_process_settings(settings, module, folder)], folder)
            processes[module] = stack.enter_context(served)
            figures[module] |= {"start_s": processes[module].start_s}
        return _ask_queries(processes, figures, built.queries)


def _write_process_settings(settings: Settings, module: str, folder: Path) -> list[str]:
    settings_file = folder / module / "settings.json"
    save_settings(settings.model_copy(update={"data": folder / module / "data", "chroma_url": None}), settings_file)
    return [str(settings_file), str(folder / module / _MATERIAL)]


def _build(module: str, folder: Path, passages: int) -> dict[str, float]:
    paths = [str(folder / module / name) for name in ("settings.json", _MATERIAL)]
    command = [sys.executable, "-m", module, "build", *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)  # noqa: S603 -- ours
    if done.returncode:
        words = done.stderr.strip().splitlines() or [""]
        raise MeasuredProcessError(f"索引を作るプロセスが終わりました(終了コード {done.returncode}): {words[-1]}")
    result = json.loads(done.stdout.splitlines()[-1])
    return {
        "build_s": result["build_s"],
        "passages_per_s": passages / result["build_s"],
        "build_rss_mb": result["rss_mb"],
    }


def _ask_queries(
    processes: Mapping[str, MeasuredProcess], figures: Mapping[str, dict[str, float]], queries: Sequence[str]
) -> dict[str, ProcessTimes]:
    times: dict[str, list[float]] = {module: [] for module in processes}
    walls = dict.fromkeys(processes, 0.0)
    for process in processes.values():
        process.ask(search=list(queries[:_WARM_UP_QUERIES]), threads=1)
    for start in range(0, len(queries), _QUERIES_PER_TURN):
        for module, process in processes.items():
            result = process.ask(search=list(queries[start : start + _QUERIES_PER_TURN]), threads=1)
            times[module] += result["times_ms"]
            walls[module] += result["wall_s"]
    for module, process in processes.items():
        parallel = process.ask(search=list(queries), threads=_THREADS)
        figures[module].update(percentiles(times[module], 50, 95, 99))
        figures[module].update({"qps_1": len(queries) / walls[module], "qps_8": len(queries) / parallel["wall_s"]})
    answers = processes[OURS].ask(answer=list(queries), threads=1)["times_ms"]
    figures[OURS].update({f"answer_{name}": value for name, value in percentiles(answers, 50, 95).items()})
    for module, process in processes.items():
        figures[module] |= process.ask(rss=True)
    return {module: ProcessTimes(figures[module], times[module]) for module in processes}


def speed_ratios(ours: Mapping[str, Any], stock: Mapping[str, Any]) -> dict[str, float]:
    """Return how many times faster the product is, by figure.

    Not for start and memory, because the product is a complete server and LangChain is not.
    """
    more = {name: ours[name] / stock[name] for name in ("passages_per_s", "qps_1", "qps_8")}
    return more | {name: stock[name] / ours[name] for name in ("p50_ms", "p95_ms", "p99_ms")}
