"""Lists the running worker processes (ingest/sandbox.py)."""

import psutil


def workers(of: int | None = None) -> list[psutil.Process]:
    return [process for process in psutil.Process(of).children(recursive=True) if _is_worker(process)]


def _is_worker(process: psutil.Process) -> bool:
    try:
        command, parent = " ".join(process.cmdline()), process.parent()
        copied = parent is not None and parent.cmdline() == process.cmdline() and "forkserver" in command
    except psutil.NoSuchProcess:
        return False
    return copied or "spawn_main" in command
