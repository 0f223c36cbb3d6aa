"""nginx with `deploy/nginx.conf`, on ports and in a folder of this machine."""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.conftest import ROOT
from tests.programs import NGINX, NGINX_MISSING, skip_without

_START_S = 60


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running nginx; `http` and `https` are its addresses."""

    http: str
    https: str
    process: subprocess.Popen[bytes]
    log: Path

    def client(self, timeout: float = 90) -> httpx2.Client:
        """Return a client for the HTTPS address, which has a self-signed certificate."""
        return httpx2.Client(base_url=self.https, verify=False, trust_env=False, timeout=timeout)

    def requests(self) -> str:
        """Return the access log and the error log."""
        return self.log.read_text("utf-8")


@contextmanager
def nginx(folder: Path, workers: Sequence[str], ports: Sequence[int], other: str = "") -> Iterator[Proxy]:
    """Yield nginx in front of the `workers` (host:port) of an office and the one of an `other`.

    `ports` are for HTTP and HTTPS. Skips the running test where nginx is not installed.
    """
    if NGINX is None:
        skip_without(NGINX_MISSING)
    folder.mkdir(parents=True, exist_ok=True)
    _write_certificate(folder)
    (folder / "https-port.conf").write_text(f'set $https_port ":{ports[1]}";')
    configuration = folder / "nginx.conf"
    configuration.write_text(_local_configuration(folder, workers, ports, other), "utf-8")
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(NGINX), "-c", configuration, "-e", "stderr", "-g", "daemon off;"], stdout=output, stderr=output
        )
    proxy = Proxy(f"http://127.0.0.1:{ports[0]}", f"https://127.0.0.1:{ports[1]}", process, log)
    try:
        _wait(proxy)
        yield proxy
    finally:
        process.terminate()
        process.wait(timeout=30)


def _local_configuration(folder: Path, workers: Sequence[str], ports: Sequence[int], other: str) -> str:
    """Return `deploy/nginx.conf` with the addresses and folders of this machine."""
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    replaced = {
        "/tmp/": f"{folder}/",  # first, because `folder` may be below it
        "server ashino:8000 max_fails=0;": "\n".join(f"server {worker} max_fails=0;" for worker in workers),
        "tsuyukusa:8000": other or workers[0],
        "listen 8080;": f"listen 127.0.0.1:{ports[0]};",
        "listen 8443 ssl http2;": f"listen 127.0.0.1:{ports[1]} ssl http2;",
        "    listen [::]:8080;\n": "",
        "    listen [::]:8443 ssl http2;\n": "",
        "/run/secrets/": f"{folder}/",
        "/etc/nginx/https-port.conf": f"{folder}/https-port.conf",
        "worker_processes auto;": "worker_processes 2;",
    }
    for old, new in replaced.items():
        if old not in text:
            raise ValueError(f"deploy/nginx.conf does not contain {old!r}")
        text = text.replace(old, new)
    return f"user root;\n{text}" if os.getuid() == 0 else text


def _write_certificate(folder: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost"]
    subprocess.run(
        [*command, "-keyout", folder / "tls_key", "-out", folder / "tls_certificate"],
        check=True,
        stderr=subprocess.DEVNULL,
    )


def _wait(proxy: Proxy) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and proxy.process.poll() is None:
        try:
            httpx2.get(f"{proxy.http}/proxy/health", trust_env=False)
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(proxy.requests())
