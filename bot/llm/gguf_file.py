"""Checks that a GGUF file can be loaded and asked, before a process is started for it."""

import os
import struct
from dataclasses import dataclass
from importlib.util import find_spec
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

from bot.errors import LocalModelError

# The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_HEAD = struct.Struct("<4sIQQ")  # magic, version, tensors, metadata
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING = 8
_ARRAY = 9
_CHAT_TEMPLATE = "tokenizer.chat_template"
# llama.cpp keeps a key and a value of 16 bits per layer and token; its other buffers are small next to them.
_CACHE_BYTES = 2
_GIGA = 1_000_000_000


@dataclass(frozen=True, slots=True)
class GgufFile:
    """What a GGUF file says about its model: `metadata` without arrays, and the size of the file in bytes."""

    metadata: dict[str, Any]
    size: int

    def memory_bytes(self, context: int) -> int:
        """Return the memory for the weights and for the keys and values of `context` tokens.

        For the weights alone where layers differ or attend to a window only.
        """
        architecture = self.metadata.get("general.architecture")

        def read(name: str, default: Any = None) -> Any:
            return self.metadata.get(f"{architecture}.{name}", default)

        layers, heads, width = read("block_count"), read("attention.head_count"), read("embedding_length")
        pairs = read("attention.head_count_kv", heads)
        is_uniform = all(isinstance(one, int) and one for one in (layers, heads, width, pairs))
        if not is_uniform or read("attention.sliding_window"):
            return self.size
        key, value = (read(f"attention.{name}_length", width // heads) for name in ("key", "value"))
        return self.size + int(context * layers * pairs * (key + value) * _CACHE_BYTES)


def check_gguf(file: Path, context: int) -> None:
    """Raise LocalModelError where the extra or memory is missing, or `file` is no GGUF of a chat model."""
    needed = read_gguf(file).memory_bytes(context)
    if find_spec("xllamacpp") is None:
        raise LocalModelError(
            "SHIRUBE_LLM_GGUF のモデルを動かす部品が入っていません。"
            "`make setup-llm` で入れるか、SHIRUBE_LLM_GGUF を空にしてください。"
        )
    if needed > (memory := total_memory_bytes()):
        raise LocalModelError(
            f"SHIRUBE_LLM_GGUF のモデル「{file.name}」には約 {needed / _GIGA:.1f} GB のメモリーが要りますが、"
            f"使えるのは {memory / _GIGA:.1f} GB です。小さいモデルにするか（`python -m bot model get` で選べます）、"
            "SHIRUBE_LLM_GGUF_CONTEXT を減らすか、メモリーを増やしてください。"
        )


def total_memory_bytes() -> int:
    """Return the memory of this machine, or of its container where that has less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(total, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError):  # no control groups, or no limit ("max")
        return total


def read_gguf(file: Path) -> GgufFile:
    """Return the metadata of a GGUF file.

    Raises LocalModelError where it cannot be read, is no GGUF of a model, was cut off, or has no chat template.
    """
    try:
        with file.open("rb") as opened, mmap(opened.fileno(), 0, access=ACCESS_READ) as content:
            metadata = _read_metadata(file, content)
            size = len(content)
    except OSError as error:
        raise LocalModelError(
            f"SHIRUBE_LLM_GGUF のファイル「{file}」を読めません（{error.strerror}）。場所と権限を確かめてください。"
        ) from error
    except ValueError:  # an empty file has no map
        raise _format_error(file) from None
    if not str(metadata.get(_CHAT_TEMPLATE, "")).strip():
        raise LocalModelError(
            f"SHIRUBE_LLM_GGUF のモデル「{file.name}」は会話の形（chat template）を持たないもの（base）です。"
            "質問に答えられないので、名前に instruct、it、chat と付くものを選んでください。"
        )
    return GgufFile(metadata, size)


def _read_metadata(file: Path, content: mmap) -> dict[str, Any]:
    magic, version, tensors, entries = _HEAD.unpack_from(content) if len(content) >= _HEAD.size else (b"", 0, 0, 0)
    if magic != _MAGIC or version not in _VERSIONS or not tensors:
        raise _format_error(file)
    reader = _GgufBytes(content)
    try:
        metadata = {reader.string(): reader.value(reader.scalar("I")) for _ in range(entries)}
        last = max(reader.tensor_offset() for _ in range(tensors))
    except (struct.error, KeyError):
        raise _cut_error(file) from None
    if reader.position + last >= len(content):
        raise _cut_error(file)
    return metadata


class _GgufBytes:
    def __init__(self, content: mmap) -> None:
        self._content = content
        self.position = _HEAD.size

    def scalar(self, code: str) -> Any:
        value = struct.unpack_from(f"<{code}", self._content, self.position)[0]
        self.position += struct.calcsize(f"<{code}")
        return value

    def string(self) -> str:
        length = self.scalar("Q")
        text = self._content[self.position : self.position + length]
        self.position += length
        return text.decode(errors="replace")

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.string()
        if kind != _ARRAY:
            return self.scalar(_SCALARS[kind])
        items, count = self.scalar("I"), self.scalar("Q")
        if items in _SCALARS:
            self.position += count * struct.calcsize(f"<{_SCALARS[items]}")
        else:
            for _ in range(count):
                self.value(items)
        return None

    def tensor_offset(self) -> int:
        self.string()
        dimensions = self.scalar("I")
        self.position += dimensions * struct.calcsize("<Q")
        self.scalar("I")  # the type
        offset: int = self.scalar("Q")
        return offset


def _format_error(file: Path) -> LocalModelError:
    return LocalModelError(
        f"SHIRUBE_LLM_GGUF のファイル「{file}」は GGUF（版 2 か 3）の言語モデルではありません。"
        "ダウンロードが途中で終わっていないか、別のファイルを指していないかを確かめてください。"
    )


def _cut_error(file: Path) -> LocalModelError:
    return LocalModelError(
        f"SHIRUBE_LLM_GGUF のファイル「{file}」は途中で切れているか、壊れています。"
        "`python -m bot model get` で、もう一度取得してください（続きから取得します）。"
    )
