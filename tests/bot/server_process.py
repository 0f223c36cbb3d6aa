"""Runs the server as a separate process."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import httpx2

from tests.conftest import ROOT


class Running:
    """A server process that has printed its address; `settings` are variables of its environment.

    Its log is kept until its end, or goes to the file `log`: so much of it as nobody reads would hold the server up.
    In another folder than the repository's root it reads no developer's `.env`.
    """

    def __init__(
        self,
        *arguments: str | Path,
        module: str = "bot",
        log: IO[bytes] | None = None,
        folder: str | Path = ROOT,
        **settings: str,
    ) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, "serve", *map(str, arguments)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
            stdout=subprocess.PIPE,
            stderr=log or subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.announced = self.printed = self.process.stdout.readline()
        self.url = next((word for word in self.announced.split() if word.startswith("http")), "")

    def ask(self, question: str, **more: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.post("/api/chat", {"question": question, **more}).json()
        return answer

    def post(self, path: str, body: dict[str, Any]) -> httpx2.Response:
        with httpx2.Client(trust_env=False, timeout=60) as client:
            return client.post(self.url + path, json=body)

    def get(self, path: str) -> httpx2.Response:
        with httpx2.Client(trust_env=False, timeout=60) as client:
            return client.get(self.url + path)

    def end(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        if self.process.poll() is None:
            self.process.send_signal(how)
        printed, log = self.process.communicate(timeout=60)
        self.printed += printed
        return self.process.returncode, log
