"""Runs a GGUF model in a child process, after a check of its file, and restarts it when it ends."""

import json
import logging
import os
import secrets
import subprocess
import sys
import threading
import time
from collections import deque
from importlib.util import find_spec
from pathlib import Path
from socket import create_server
from typing import Literal

from pydantic import SecretStr

from bot.errors import LocalModelError
from bot.llm.gguf_server import READY
from ingest.configuration.language_model import LanguageModel

_MAGIC = b"GGUF"
_GIGA = 1_000_000_000


def check_gguf(file: Path) -> None:
    """Raise LocalModelError where the extra or memory is missing, or `file` is no GGUF file."""
    needed = read_size(file)
    if find_spec("xllamacpp") is None:
        raise LocalModelError(
            "SHIRUBE_LLM_GGUF のモデルを動かす部品が入っていません。"
            "`make setup-llm` で入れるか、SHIRUBE_LLM_GGUF を空にしてください。"
        )
    if needed > (memory := total_memory_bytes()):
        raise LocalModelError(
            f"SHIRUBE_LLM_GGUF のモデル「{file.name}」には {needed / _GIGA:.1f} GB より多くのメモリーが要りますが、"
            f"使えるのは {memory / _GIGA:.1f} GB です。小さいモデルにするか（`python -m bot model get` で選べます）、"
            "メモリーを増やしてください。"
        )


def total_memory_bytes() -> int:
    """Return the memory of this machine, or of its container where that has less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(total, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError):  # no control groups, or no limit ("max")
        return total


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


_log = logging.getLogger(__name__)
# Seconds until the first restart; doubled with each further one.
_FIRST_PAUSE_S = 1.0
_MAX_PAUSE_S = 60.0
# A process that ran for so many seconds starts again with the first pause.
_STABLE_S = 60.0
# Lines of the process's output that an error repeats.
_LAST_LINES = 5
# About three sentences with their quotes; a model that repeats itself stops there.
_MAX_ANSWER_TOKENS = 400


class LocalModel:
    """The model of a GGUF file, loading from the start; `model` is its address.

    Raises LocalModelError as `check_gguf` does.
    """

    def __init__(self, file: Path, context: int) -> None:
        check_gguf(file)
        with create_server(("127.0.0.1", 0)) as probe:
            port: int = probe.getsockname()[1]
        key = secrets.token_urlsafe(24)  # others on this machine can reach the port
        url = f"http://127.0.0.1:{port}/v1"
        self.model = LanguageModel(
            model=file.stem,
            base_url=url,
            api_key=SecretStr(key),
            context=context,
            max_tokens=_MAX_ANSWER_TOKENS,
            structure="json_schema",  # llama.cpp enforces it by a grammar
        )
        self._arguments = {
            "file": str(file.absolute()),
            "name": file.stem,
            "context": context,
            "port": port,
            "key": key,
        }
        self._state: Literal["loading", "ready", "down", "closed"] = "loading"
        self._changed = threading.Condition()
        self._process = self._start()
        threading.Thread(target=self._supervise, name="gguf", daemon=True).start()

    @property
    def pid(self) -> int:
        """The id of the current process, or of the last one."""
        return self._process.pid

    def wait_until_ready(self, limit_s: float) -> bool:
        """Wait at most `limit_s` seconds while the model is loading; return whether it can be called."""
        with self._changed:
            self._changed.wait_for(lambda: self._state != "loading", limit_s)
            return self._state == "ready"

    def is_ready(self) -> bool:
        """Return whether the model can be called now."""
        return self._state == "ready"

    def is_loading(self) -> bool:
        """Return whether the model is being loaded, for the first time or again."""
        return self._state == "loading"

    def close(self) -> None:
        """End the process."""
        self._set_state("closed")
        with self._changed:  # not while it is being started again
            self._process.kill()
            self._process.wait()
            if self._process.stdin:
                self._process.stdin.close()

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
        pause_s = _FIRST_PAUSE_S
        while True:
            start = time.monotonic()
            lines = self._read_output(self._process)
            if time.monotonic() - start > _STABLE_S:
                pause_s = _FIRST_PAUSE_S
            code = self._process.wait()
            with self._changed:
                if self._state == "closed":
                    return
                reason = f"終了コード {code}、{pause_s:g} 秒後に再開"
                _log.warning("GGUF の言語モデルが止まりました（%s）: %s", reason, " / ".join(lines))
                self._set_state("down")
                if self._changed.wait_for(lambda: self._state == "closed", pause_s):
                    return
                try:
                    self._process = self._start()
                except OSError as error:  # no memory for a process, or it ended before it read its arguments
                    _log.warning("GGUF の言語モデルを始められません: %s", error)
                else:
                    self._set_state("loading")
            pause_s = min(_MAX_PAUSE_S, pause_s * 2)

    def _read_output(self, process: subprocess.Popen[str]) -> list[str]:
        lines: deque[str] = deque(maxlen=_LAST_LINES)
        for line in process.stdout or ():
            if line.strip() == READY:
                self._set_state("ready")
            else:
                lines.append(line.strip())
        return list(lines)

    def _set_state(self, state: Literal["loading", "ready", "down", "closed"]) -> None:
        with self._changed:
            if self._state != "closed":
                self._state = state
                self._changed.notify_all()
