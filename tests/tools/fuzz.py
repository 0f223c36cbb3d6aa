"""`make fuzz`: calls made up from the OpenAPI document of a running server (schemathesis), every check, every phase.

Nothing may end in a 5xx, in a status or a form that the document does not tell, nor be taken or refused against it.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.build.build import build
from ingest.configuration.settings import Settings
from tests.bot.server_process import Running
from tests.conftest import ROOT

# A question that calls no model is answered in less; a call that takes longer is a finding of its own.
_PATIENCE_S = 30
_EXAMPLES, _SECONDS = 60, 900
_REPORT, _CONFIG = Path("var/fuzz"), Path(__file__).with_name("schemathesis.toml")


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


def fuzz(url: str, report: Path, examples: int, *limits: str) -> int:
    """Make up to `examples` calls an operation and phase; return 0 if calls were made and none of them failed.

    The seed is fixed: whoever repeats a run makes the same calls. `output.txt` in `report` names what failed.
    """
    report.mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(_CONFIG), "run", f"{url}/openapi.json"),
        *("--checks", "all", "--continue-on-failure", "--seed", "17", "--workers", "1", "--report", "ndjson"),
        *("--max-examples", str(examples), "--request-timeout", str(_PATIENCE_S), "--suppress-health-check", "all"),
        *("--report-ndjson-path", str(report / "events.ndjson"), *limits),
    ]
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "COLUMNS": "120"}
    with (report / "output.txt").open("wb") as output:
        return subprocess.run(
            command, cwd=report, env=environment, stdout=output, stderr=output, check=False
        ).returncode


def main() -> int:
    """Run the trial and print what schemathesis found; return 1 if something failed."""
    report = (ROOT / _REPORT).absolute()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as url:
        status = fuzz(url, report, _EXAMPLES, "--max-time", str(_SECONDS))
    sys.stdout.write((report / "output.txt").read_text("utf-8"))
    return status


if __name__ == "__main__":
    sys.exit(main())
