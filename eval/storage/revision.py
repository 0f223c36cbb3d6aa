"""The git revision of the source that a run measured."""

import subprocess
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_TIMEOUT_S = 10


def source_revision() -> str | None:
    """Return the commit of the checkout, with "+" where files were changed since; None outside a checkout."""
    commit, changed = _run_git("rev-parse", "HEAD"), _run_git("status", "--porcelain", "--untracked-files=no")
    return commit + ("+" if changed else "") if commit else None


def _run_git(*arguments: str) -> str | None:
    command = ["git", "-C", str(_ROOT), *arguments]
    try:
        # S603, S607: the words are fixed here, and which git is the one of the developer's path.
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
