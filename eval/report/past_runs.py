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
    """One point of the plot."""

    date: str
    version: str
    revision: str
    n: int
    passed: int
    rate: float
    se: float
    p50_ms: float | None


def load_history(folder: Path, run: Run) -> tuple[PastRun, ...]:
    """Return the finished runs below `folder` of the same sets, including `run`, oldest first.

    Raises RunFolderError if `folder` does not exist.
    """
    if not folder.is_dir():
        raise RunFolderError(
            f"{folder}: フォルダーがありません。--history に、評価の保存先が並ぶフォルダーを指定してください。"
        )
    past_runs = [past for file in sorted(folder.glob(f"*/{CONFIG}")) for past in _read_past_run(file.parent, run)]
    by_date = {past.date: past for past in [*past_runs, _summarise_run(run)]}
    return tuple(by_date[date] for date in sorted(by_date))


def single_run_history(run: Run) -> tuple[PastRun, ...]:
    """Return the history of a run without earlier ones."""
    return (_summarise_run(run),)


def _read_past_run(folder: Path, run: Run) -> Sequence[PastRun]:
    try:
        config, _, figures = read_folder(folder)
    except RunFolderError:
        return ()
    is_same = set(figures.get("by_set", ())) == set(run.figures.get("by_set", ()))
    if config.get("command", COMMAND) != COMMAND or not is_same:
        return ()
    try:
        return (_summarise_run(Run(config, (), figures)),)
    except KeyError:
        return ()


def _summarise_run(run: Run) -> PastRun:
    figures = run.figures
    config = run.config
    return PastRun(
        date=config.get("date", ""),
        version=config.get("version", ""),
        revision=(config.get("revision") or "")[:9],
        n=figures["n"],
        passed=figures["passed"],
        rate=figures["rate"],
        se=figures.get("rate_se", 0.0),
        p50_ms=figures.get("p50_ms"),
    )
