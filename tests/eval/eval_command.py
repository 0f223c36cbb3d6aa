"""Runs `python -m eval` in a separate process or in this one."""

import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from eval.__main__ import main

ROOT = Path(__file__).parents[2]


def evaluate(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `python -m eval` in `folder`, where no `.env` applies."""
    command = [sys.executable, "-m", "eval", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def evaluate_here(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the same in this process, which saves loading encoder and word lists."""
    given = list(map(str, arguments))
    with chdir(folder), redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        status = main(given)
    return subprocess.CompletedProcess(given, status, out.getvalue(), err.getvalue())
