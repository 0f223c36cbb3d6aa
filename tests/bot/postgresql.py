"""A real PostgreSQL of the tests' own: a cluster in a temporary folder, on a port of this machine."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.programs import postgresql_program

# What it costs to be safe from a power cut is not for tests, save for those that measure.
_QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


@contextmanager
def postgresql(*, safe: bool = False) -> Iterator[str]:
    """Yield the URL of an empty database for `SHIRUBE_DATABASE_URL`; skips the test where PostgreSQL is missing.

    A `safe` one waits for the disk, as an office's does.
    """
    initdb, server = postgresql_program("initdb"), postgresql_program("pg_ctl")
    folder = Path(tempfile.mkdtemp(prefix="shirube-pg-"))
    user = _someone_else(folder)
    data, port = folder / "data", _free_port()

    def run(*command: str | Path) -> None:
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True, cwd=folder, user=user)

    try:
        options = ("--auth=trust", "--username=shirube", "--encoding=UTF8", "--locale=C", "--no-sync")
        run(initdb, "--pgdata", data, *options)
        started = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c shared_buffers=16MB"
        started += "" if safe else f" {_QUICK}"
        run(server, "--pgdata", data, "--log", folder / "log", "--wait", "--options", started, "start")
        try:
            yield f"postgresql+psycopg://shirube@127.0.0.1:{port}/postgres"
        finally:
            run(server, "--pgdata", data, "--mode", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _someone_else(folder: Path) -> int | None:
    """PostgreSQL refuses to run as root: return as whom to run it, to whom the folder belongs then."""
    if os.getuid():
        return None
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return user.pw_uid


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
