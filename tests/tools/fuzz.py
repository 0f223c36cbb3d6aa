"""`make fuzz`: calls made up from the OpenAPI document of a running server (schemathesis), every check, every phase.

Nothing may end in a 5xx, in a status or a form that the document does not tell, nor be taken or refused against it.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ingest.build.build import build
from ingest.configuration.settings import Settings
from tests.bot.server_process import Running
from tests.conftest import ROOT

PHASES = ("examples", "coverage", "fuzzing", "stateful")
# A question that calls no model is answered in less; a call that takes longer is a finding of its own.
_PATIENCE_S = 30
_EXAMPLES, _SECONDS = 60, 900
_REPORT, _CONFIG = Path("var/fuzz"), Path(__file__).with_name("schemathesis.toml")


@dataclass(frozen=True, slots=True)
class Found:
    """A run: how many calls were made in each phase, and what failed, an operation and a check each."""

    calls: int
    phases: tuple[str, ...]
    failures: tuple[str, ...]
    report: Path

    @property
    def well(self) -> bool:
        """Return whether calls were made and none of them failed."""
        return self.calls > 0 and not self.failures


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Yield the address of a server over `corpus/` without rate limits; its log is kept."""
    settings = Settings(_env_file=None, data=folder / "data", corpus=ROOT / "corpus")
    build(settings, [ROOT / "corpus"])
    with (folder / "server.log").open("wb") as log:
        command = ("--port", "0", "--data", settings.data)
        server = Running(*command, log=log, folder=folder, SHIRUBE_REQUESTS_PER_MINUTE_ADDRESS="1000000")
    try:
        assert server.url, (folder / "server.log").read_text("utf-8", "replace")
        yield server.url
    finally:
        server.end()


def fuzz(url: str, report: Path, examples: int, seconds: int | None, phases: tuple[str, ...] = PHASES) -> Found:
    """Make up to `examples` calls an operation and phase, `seconds` in all (None: no end); the whole goes to `report`.

    The seed is fixed: whoever repeats a run makes the same calls.
    """
    report.mkdir(parents=True, exist_ok=True)
    events = report / "events.ndjson"
    limit = ["--max-time", str(seconds)] if seconds else []
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(_CONFIG), "run", f"{url}/openapi.json"),
        *("--checks", "all", "--phases", ",".join(phases), "--continue-on-failure", "--seed", "17", "--workers", "1"),
        *("--max-examples", str(examples), "--request-timeout", str(_PATIENCE_S), "--suppress-health-check", "all"),
        *("--report", "ndjson", "--report-ndjson-path", str(events), *limit),
    ]
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "COLUMNS": "120"}
    with (report / "output.txt").open("wb") as output:
        ended = subprocess.run(command, cwd=report, env=environment, stdout=output, stderr=output, check=False)
    return _read(events, ended.returncode, report)


def _read(events: Path, status: int, report: Path) -> Found:
    calls, phases = 0, []
    failures: Counter[str] = Counter()
    for line in events.read_text("utf-8").splitlines() if events.exists() else ():
        ((kind, told),) = json.loads(line).items()
        if kind == "PhaseFinished":
            phases.append(f"{told['phase']['name']}: {told['status']}")
        if kind == "NonFatalError":
            failures[f"{told['label']}: {told['value']['type']}"] += 1
        if kind == "ScenarioFinished":
            recorded = told["recorder"]
            calls += len(recorded.get("interactions", ()))
            failures.update(_failed(recorded))
    if status not in (0, 1):
        failures[f"schemathesis ended with {status}"] += 1
    if status == 1 and not failures:
        failures["schemathesis found an error"] += 1
    return Found(calls, tuple(phases), tuple(f"{one} ({n})" for one, n in sorted(failures.items())), report)


def _failed(recorded: dict[str, Any]) -> Iterator[str]:
    for checks in recorded.get("checks", {}).values():
        for check in checks:
            if check["status"] == "failure":
                yield f"{recorded['label']}: {check['name']}"


def main() -> int:
    """Run the trial and print the failures; return 1 if there are any."""
    report = (ROOT / _REPORT).absolute()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as url:
        found = fuzz(url, report, _EXAMPLES, _SECONDS)
    table = Table("", "", title=f"{found.calls:,} calls")
    for phase in found.phases:
        table.add_row("phase", phase)
    for failure in found.failures:
        table.add_row("failed", failure)
    console = Console()
    console.print(table)
    console.print(f"{found.report}: events.ndjson, output.txt")
    return 0 if found.well else 1


if __name__ == "__main__":
    sys.exit(main())
