"""Checks that a GGUF file can be loaded, before a process is started for it."""

import struct
from importlib.util import find_spec
from pathlib import Path

from bot.errors import LocalModelError

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_HEAD = struct.Struct("<4sIQQ")  # magic, version, tensors, metadata (docs/gguf.md of ggml)


def check_gguf(file: Path) -> None:
    """Raise LocalModelError where the extra is missing or `file` is no GGUF of a model, and say what to do."""
    check_gguf_header(file)
    if find_spec("xllamacpp") is None:
        raise LocalModelError(
            "SHIRUBE_LLM_GGUF のモデルを動かす部品が入っていません。"
            "`make setup-llm` で入れるか、SHIRUBE_LLM_GGUF を空にしてください。"
        )


def check_gguf_header(file: Path) -> None:
    """Raise LocalModelError where `file` does not begin as a GGUF of a model does."""
    try:
        with file.open("rb") as opened:
            head = opened.read(_HEAD.size)
    except OSError as error:
        raise LocalModelError(
            f"SHIRUBE_LLM_GGUF のファイル「{file}」を読めません（{error.strerror}）。場所と権限を確かめてください。"
        ) from error
    magic, version, tensors, _ = _HEAD.unpack(head) if len(head) == _HEAD.size else (b"", 0, 0, 0)
    if magic != _MAGIC or version not in _VERSIONS or not tensors:
        raise LocalModelError(
            f"SHIRUBE_LLM_GGUF のファイル「{file}」は GGUF（版 2 か 3）の言語モデルではありません。"
            "ダウンロードが途中で終わっていないか、別のファイルを指していないかを確かめてください。"
        )
