"""Earlier runs of the same sets, for the plot of pass rates over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.errors import RunFolderError
from eval.runs.run_execution import COMMAND
from eval.scoring.run_record import Run
from eval.storage.run_folder import CONFIG, read_folder


@dataclass(frozen=True, slots=True)
class PastRun:
    """What the line needs of a run."""

    date: str
    version: str
    revision: str
    n: int
    passed: int
    rate: float
    se: float
    p50_ms: float | None


def load_history(folder: Path, run: Run) -> tuple[PastRun, ...]:
    """Return the runs below `folder` that asked the same sets, and `run` itself, oldest first.

    What is no finished run is left out. Raises RunFolderError where `folder` is none.
    """
    if not folder.is_dir():
        raise RunFolderError(
            f"{folder}: フォルダーがありません。--history に、評価の保存先が並ぶフォルダーを指定してください。"
        )
    found = {
        past.date: past for file in sorted(folder.glob(f"*/{CONFIG}")) for past in _read_past_run(file.parent, run)
    }
    found |= {past.date: past for past in [_summarise_run(run)]}
    return tuple(past for _, past in sorted(found.items()))


def single_run_history(run: Run) -> tuple[PastRun, ...]:
    """Return the history of a run of which no other is known."""
    return (_summarise_run(run),)


def _read_past_run(folder: Path, run: Run) -> Sequence[PastRun]:
    try:
        config, _, figures = read_folder(folder)
    except RunFolderError:
        return ()
    asked, wanted = (set(told.get("by_set", ())) for told in (figures, run.figures))
    if config.get("command", COMMAND) != COMMAND or asked != wanted:
        return ()
    try:
        return (_summarise_run(Run(config, (), figures)),)
    except KeyError:
        return ()


def _summarise_run(run: Run) -> PastRun:
    told, about = run.figures, run.config
    return PastRun(
        date=about.get("date", ""),
        version=about.get("version", ""),
        revision=(about.get("revision") or "")[:9],
        n=told["n"],
        passed=told["passed"],
        rate=told["rate"],
        se=told.get("rate_se", 0.0),
        p50_ms=told.get("p50_ms"),
    )
