"""`python -m tests.tools.bundle FOLDER` installs what `make bundle` wrote without a network, serves it and asks."""

import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.conftest import ROOT

ADDRESS = "http://127.0.0.1:8000"
QUESTION = "DXアクションプラン2.0の計画期間は?"
INSTALL_LIMIT_S = 900


def main() -> int:
    """Run the trial in a separate network namespace; return 0 if the bundle installs and answers."""
    if sys.argv[1:2] != ["--inside"]:
        namespace = ["unshare", "--net", "--map-root-user"]
        return subprocess.call(
            [*namespace, sys.executable, "-m", "tests.tools.bundle", "--inside", *sys.argv[1:]], cwd=ROOT
        )
    start_loopback()
    with TemporaryDirectory() as home:
        folder = Path(home) / "shirube"
        shutil.copytree(sys.argv[2], folder)
        # Nothing of this shell: an address of a package index in its environment would hide a package that is missing.
        clean = {"PATH": os.environ["PATH"], "HOME": home, "LANG": "C.UTF-8"}
        with subprocess.Popen(["make", "run"], cwd=folder, env=clean, start_new_session=True) as server:
            try:
                answer = first_answer(server)
            finally:
                if server.poll() is None:
                    os.killpg(server.pid, signal.SIGTERM)
    sys.stdout.write(f"{answer['status']}: {answer['answer']}\n")
    return 0 if answer["status"] == "answered" else 1


def start_loopback() -> None:
    """Bring up `lo`, the only interface of a new network namespace (SIOCSIFFLAGS with IFF_UP of netdevice(7))."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anything:
        fcntl.ioctl(anything, 0x8914, struct.pack("16sh14x", b"lo", 1))


def first_answer(server: "subprocess.Popen[bytes]") -> dict[str, str]:
    """Return the reply to `QUESTION` as soon as the server gives one; raises TimeoutError or RuntimeError."""
    body = json.dumps({"question": QUESTION}).encode()
    request = urllib.request.Request(f"{ADDRESS}/api/chat", body, {"Content-Type": "application/json"})
    until = time.monotonic() + INSTALL_LIMIT_S
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"`make run` ended with {server.returncode}")
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                answer: dict[str, str] = json.load(reply)
                return answer
        except (urllib.error.URLError, ConnectionError):
            time.sleep(1)
    raise TimeoutError(f"no answer within {INSTALL_LIMIT_S} s")


if __name__ == "__main__":
    sys.exit(main())
