"""Starts the whole service: PostgreSQL, a Chroma server, two workers of an office, and nginx."""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from ingest.build.build import build
from ingest.configuration.settings import Settings
from tests.bot.postgresql import Cluster, cluster
from tests.bot.server_process import Running
from tests.conftest import ROOT
from tests.ingest.chroma_server import chroma_server
from tests.stack.nginx import Proxy, nginx
from tests.stack.ports import free_ports

T = TypeVar("T")


class Part(Generic[T]):
    """A part of the stack that can be stopped and started again; `it` is what runs."""

    it: T

    def __init__(self, open_part: Callable[[], AbstractContextManager[T]]) -> None:
        self._open_part = open_part
        self._running = ExitStack()

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.it = self._running.enter_context(self._open_part())

    def stop(self) -> None:
        """Stop it, unless it is stopped."""
        self._running.close()


@dataclass(frozen=True, slots=True)
class Stack:
    """The running parts, and the settings of the workers."""

    settings: Settings
    database: Cluster
    chroma: Part[str]
    workers: tuple[Part[Running], ...]
    proxy: Proxy
    folder: Path


@contextmanager
def stack(folder: Path, **environment: str) -> Iterator[Stack]:
    """Yield the running service with its files in `folder`; `environment` has further settings of the workers.

    Skips the running test where PostgreSQL or nginx is not installed.
    """
    with ExitStack() as running:
        database = running.enter_context(cluster(safe=True))
        chroma_port, *worker_ports, http, https = free_ports(5)
        (folder / "chroma").mkdir()
        chroma = Part(lambda: chroma_server(folder / "chroma", chroma_port))
        running.callback(chroma.stop)
        chroma.start()
        settings = Settings(
            _env_file=None,
            data=folder / "data",
            corpus=ROOT / "corpus",
            database_url=database.url,
            chroma_url=chroma.it,
        )
        build(settings, [settings.corpus])
        variables = {
            "SHIRUBE_DATABASE_URL": database.url,
            "SHIRUBE_CHROMA_URL": chroma.it,
            "SHIRUBE_TRUSTED_PROXIES": "127.0.0.1",
            **environment,
        }
        workers = tuple(Part(_worker(settings.data, port, folder, variables)) for port in worker_ports)
        for worker in workers:
            running.callback(worker.stop)
        with ThreadPoolExecutor() as threads:
            list(threads.map(Part.start, workers))
        addresses = [f"127.0.0.1:{port}" for port in worker_ports]
        proxy = running.enter_context(nginx(folder / "nginx", addresses, (http, https)))
        yield Stack(settings, database, chroma, workers, proxy, folder)


def _worker(
    data: Path, port: int, folder: Path, environment: dict[str, str]
) -> Callable[[], AbstractContextManager[Running]]:
    @contextmanager
    def running() -> Iterator[Running]:
        with (folder / f"worker-{port}.log").open("ab") as log:
            worker = Running("--port", str(port), "--data", data, log=log, folder=folder, **environment)
            try:
                yield worker
            finally:
                worker.end(signal.SIGTERM)

    return running
