"""Runs `python -m eval` in this process."""

import subprocess
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from eval.__main__ import main

ROOT = Path(__file__).parents[2]


def evaluate_here(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    given = list(map(str, arguments))
    with chdir(folder), redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        status = main(given)
    return subprocess.CompletedProcess(given, status, out.getvalue(), err.getvalue())
