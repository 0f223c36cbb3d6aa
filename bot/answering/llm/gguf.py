"""Runs a GGUF model in a child process, after a check of its file, and restarts it when it ends."""

import json
import logging
import os
import secrets
import subprocess
import sys
import threading
from collections import deque
from importlib.util import find_spec
from pathlib import Path
from socket import create_server

from pydantic import SecretStr

from bot.answering.llm.gguf_server import READY
from bot.errors import LocalModelError
from ingest.configuration.language_model import LanguageModel

_log = logging.getLogger(__name__)
_MAGIC = b"GGUF"
_GIGA = 1_000_000_000
CONTEXT = 8192
"""The tokens that the model reads at once."""
# Seconds before a process that has ended is started again.
_PAUSE_S = 10.0
# Lines of the process's output that the log repeats.
_LAST_LINES = 5


def read_size(file: Path) -> int:
    """Return the size of a GGUF file in bytes; whether its model can be run shows when it is loaded.

    Raises LocalModelError where it cannot be read or is of another kind.
    """
    try:
        with file.open("rb") as opened:
            magic, size = opened.read(len(_MAGIC)), opened.seek(0, os.SEEK_END)
    except OSError as error:
        raise LocalModelError(
            f"SHIRUBE_LLM_GGUF のファイル「{file}」を読めません（{error.strerror}）。場所と権限を確かめてください。"
        ) from error
    if magic != _MAGIC:
        raise LocalModelError(
            f"SHIRUBE_LLM_GGUF のファイル「{file}」は GGUF の言語モデルではありません。"
            "ダウンロードが途中で終わっていないか、別のファイルを指していないかを確かめてください。"
        )
    return size


def check_gguf(file: Path) -> None:
    """Raise LocalModelError where the extra or memory is missing, or `file` is no GGUF file."""
    needed = read_size(file)
    if find_spec("xllamacpp") is None:
        raise LocalModelError(
            "SHIRUBE_LLM_GGUF のモデルを動かす部品が入っていません。"
            "`make setup-llm` で入れるか、SHIRUBE_LLM_GGUF を空にしてください。"
        )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > memory:
        raise LocalModelError(
            f"SHIRUBE_LLM_GGUF のモデル「{file.name}」には {needed / _GIGA:.1f} GB より多くのメモリーが要りますが、"
            f"この計算機には {memory / _GIGA:.1f} GB しかありません。小さいモデルにするか"
            "（`python -m bot model get` で選べます）、メモリーを増やしてください。"
        )


class LocalModel:
    """The model of a GGUF file, loading from the start; `model` is its address, `is_loaded` set while it can be called.

    Raises LocalModelError as `check_gguf` does.
    """

    def __init__(self, file: Path) -> None:
        check_gguf(file)
        with create_server(("127.0.0.1", 0)) as probe:
            port: int = probe.getsockname()[1]
        key = secrets.token_urlsafe(24)  # others on this machine can reach the port
        self.model = LanguageModel(
            model=file.stem, base_url=f"http://127.0.0.1:{port}/v1", api_key=SecretStr(key), context=CONTEXT
        )
        self.is_loaded = threading.Event()
        self._arguments = {
            "file": str(file.absolute()),
            "name": file.stem,
            "context": CONTEXT,
            "port": port,
            "key": key,
        }
        self._closed = threading.Event()
        self._process = self._start()
        threading.Thread(target=self._supervise, name="gguf", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_loading(self) -> bool:
        """Whether the process runs but cannot be called yet."""
        return self._process.poll() is None and not self.is_loaded.is_set()

    def close(self) -> None:
        self._closed.set()
        self._process.kill()
        self._process.wait()

    def _start(self) -> subprocess.Popen[str]:
        # -P keeps the folder of the script, this package, out of sys.path.
        script = Path(__file__).with_name("gguf_server.py")
        process = subprocess.Popen(  # noqa: S603 - our own script, in our own interpreter
            [sys.executable, "-P", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        if process.stdin:
            # Not as arguments, which every user of the machine can list.
            process.stdin.write(json.dumps(self._arguments) + "\n")
            process.stdin.flush()
        return process

    def _supervise(self) -> None:
        while True:
            lines = deque[str](maxlen=_LAST_LINES)
            for line in self._process.stdout or ():
                if line.strip() == READY:
                    self.is_loaded.set()
                lines.append(line.strip())
            self.is_loaded.clear()
            code = self._process.wait()
            if self._closed.is_set():
                return
            _log.warning("GGUF の言語モデルが止まりました（終了コード %s）: %s", code, " / ".join(lines))
            if self._closed.wait(_PAUSE_S):
                return
            try:
                self._process = self._start()
            except OSError as error:  # no memory for a process, or it ended before it read its arguments
                _log.warning("GGUF の言語モデルを始められません: %s", error)
