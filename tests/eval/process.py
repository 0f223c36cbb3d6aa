"""`python -m eval` as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def evaluate(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `python -m eval` in `folder`, away from a developer's `.env`."""
    command = [sys.executable, "-m", "eval", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
