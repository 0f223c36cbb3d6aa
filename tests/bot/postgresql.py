"""A real PostgreSQL cluster in a temporary folder, on a free port of this machine."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal
from uuid import uuid4

import psutil
import psycopg
from psycopg import sql

from tests.programs import postgresql_program
from tests.stack.ports import free_ports

# What it costs to be safe from a power cut is not for tests, save for those that measure.
_QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


class Cluster:
    """A PostgreSQL that can be stopped, killed and frozen; skips the running test where PostgreSQL is missing.

    A `safe` one waits for the disk, as an office's does. `folder` has its files, which belong to `user`.
    """

    def __init__(self, *, safe: bool = False) -> None:
        initdb, self._control = postgresql_program("initdb"), postgresql_program("pg_ctl")
        self.folder = Path(tempfile.mkdtemp(prefix="shirube-pg-"))
        self.user = _someone_else(self.folder)
        self._data, (port,) = self.folder / "data", free_ports(1)
        options = ("--auth=trust", "--username=shirube", "--encoding=UTF8", "--locale=C", "--no-sync")
        self._run(initdb, "--pgdata", self._data, *options)
        self._options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        self._options += " -c shared_buffers=16MB" + ("" if safe else f" {_QUICK}")
        self.port = port
        self.url = f"postgresql+psycopg://shirube@127.0.0.1:{port}/postgres"

    def create_database(self) -> str:
        name = f"test_{uuid4().hex}"
        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"{self.url.removesuffix('postgres')}{name}"

    def start(self) -> None:
        log = self.folder / "log"
        self._run(self._control, "--pgdata", self._data, "--log", log, "--wait", "--options", self._options, "start")

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        if self.processes():
            self._run(self._control, "--pgdata", self._data, "--mode", mode, "stop")

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        psutil.wait_procs(self.processes(), timeout=10)
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def signal(self, number: signal.Signals) -> None:
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def processes(self) -> list[psutil.Process]:
        with suppress(FileNotFoundError, psutil.NoSuchProcess):
            first = psutil.Process(int((self._data / "postmaster.pid").read_text().split()[0]))
            return [first, *first.children(recursive=True)]
        return []

    def remove(self) -> None:
        self.signal(signal.SIGCONT)
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, *command: str | Path) -> None:
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True, cwd=self.folder, user=self.user)


@contextmanager
def cluster(*, safe: bool = False) -> Iterator[Cluster]:
    running = Cluster(safe=safe)
    try:
        running.start()
        yield running
    finally:
        running.remove()


@contextmanager
def postgresql(*, safe: bool = False) -> Iterator[str]:
    with cluster(safe=safe) as running:
        yield running.url


def _someone_else(folder: Path) -> int | None:
    if os.getuid():  # PostgreSQL refuses to run as root
        return None
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return user.pw_uid
