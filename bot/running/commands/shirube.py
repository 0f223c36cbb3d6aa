"""The console command `shirube`: what `python -m ingest`, `bot` and `eval` do in a checkout, under one name."""

import sys
from runpy import run_module

_PACKAGES = ("ingest", "eval")


def main() -> None:
    """Run `shirube ingest …` and `shirube eval …` in those packages, and every other command in `bot`."""
    package = sys.argv.pop(1) if sys.argv[1:2] and sys.argv[1] in _PACKAGES else "bot"
    run_module(package, run_name="__main__", alter_sys=True)
