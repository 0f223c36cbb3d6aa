"""A GGUF file made on the spot: a real tokenizer and chat template, and a Llama of one layer.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. What such a model says is noise, or always the
same; how it is loaded, asked, and streamed is what a real one goes through.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

END = "<|im_end|>"
SPECIAL = ("<|endoftext|>", "<|im_start|>", END)
# ChatML, the template of many small open models.
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_WIDTH, _HEADS, _HIDDEN, _CONTEXT = 64, 4, 128, 4096
_ALIGNMENT = 32
_NORMAL, _CONTROL = 1, 3
_U32, _I32, _F32, _BOOL, _STRING, _ARRAY = 4, 5, 6, 7, 8, 9
Value = str | bool | int | float | Sequence[str] | Sequence[int]


def tokenizer(text: str, size: int = 1500) -> Tokenizer:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    letters = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=list(SPECIAL), initial_alphabet=letters, show_progress=False
    )
    made.train_from_iterator(text.splitlines(), trainer)
    return made


def write_gguf(file: Path, bpe: Tokenizer, says: str = "", template: str = TEMPLATE) -> None:
    """Write a Llama that knows the tokens of `bpe`: with weights that are drawn, or made so that it `says` something.

    Which token comes next can then depend on the last one alone: no token of `says` may occur twice in it.
    """
    vocabulary = bpe.get_vocab()
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in _merges(bpe)]
    told: dict[str, Value] = {
        "general.architecture": "llama",
        "general.name": "tiny",
        "llama.context_length": _CONTEXT,
        "llama.embedding_length": _WIDTH,
        "llama.block_count": 1,
        "llama.feed_forward_length": _HIDDEN,
        "llama.attention.head_count": _HEADS,
        "llama.attention.head_count_kv": _HEADS,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": _WIDTH // _HEADS,
        "llama.vocab_size": len(tokens),
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": [_CONTROL if token in SPECIAL else _NORMAL for token in tokens],
        "tokenizer.ggml.merges": merges,
        "tokenizer.ggml.bos_token_id": vocabulary[SPECIAL[0]],
        "tokenizer.ggml.eos_token_id": vocabulary[END],
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.chat_template": template,
    }
    weights = _weights(len(tokens))
    if says:
        last = bpe.encode("<|im_start|>assistant\n").ids[-1]
        weights |= _chained([last, *bpe.encode(says).ids, vocabulary[END]], len(tokens))
    file.write_bytes(container(told, weights))


def write_chat_model(file: Path) -> None:
    told: dict[str, Value] = {"general.architecture": "llama", "tokenizer.chat_template": TEMPLATE}
    file.write_bytes(container(told, {"output.weight": np.ones(64, np.float32)}))


def _chained(ids: Sequence[int], vocabulary: int) -> dict[str, NDArray[np.float32]]:
    if len(set(ids)) < len(ids):
        raise ValueError("a token occurs twice")
    embedding = np.random.default_rng(1).normal(0, 1, (vocabulary, _WIDTH)).astype(np.float32)
    head = np.zeros_like(embedding)
    for token, following in pairwise(ids):
        head[following] = embedding[token]
    silent = {"blk.0.attn_output.weight": (_WIDTH, _WIDTH), "blk.0.ffn_down.weight": (_WIDTH, _HIDDEN)}
    zeros = {name: np.zeros(shape, np.float32) for name, shape in silent.items()}
    return {"token_embd.weight": embedding, "output.weight": head} | zeros


def _merges(bpe: Tokenizer) -> Sequence[str | Sequence[str]]:
    merges: list[str | list[str]] = json.loads(bpe.to_str())["model"]["merges"]
    return merges


def _weights(vocabulary: int) -> dict[str, NDArray[np.float32]]:
    rng = np.random.default_rng(0)

    def drawn(*shape: int) -> NDArray[np.float32]:
        return rng.normal(0, 0.05, shape).astype(np.float32)

    square = {f"blk.0.attn_{name}.weight": drawn(_WIDTH, _WIDTH) for name in ("q", "k", "v", "output")}
    ones = np.ones(_WIDTH, np.float32)
    norms = dict.fromkeys(("blk.0.attn_norm.weight", "blk.0.ffn_norm.weight", "output_norm.weight"), ones)
    up = {f"blk.0.ffn_{name}.weight": drawn(_HIDDEN, _WIDTH) for name in ("gate", "up")}
    down = {"blk.0.ffn_down.weight": drawn(_WIDTH, _HIDDEN)}
    return {"token_embd.weight": drawn(vocabulary, _WIDTH)} | norms | square | up | down


def container(told: Mapping[str, Value], tensors: Mapping[str, NDArray[np.float32]]) -> bytes:
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(told))
    head += b"".join(_string(key) + _value(value) for key, value in told.items())
    data = b""
    for name, tensor in tensors.items():
        shape = tensor.shape[::-1]
        head += _string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, len(data))
        data += _padded(tensor.tobytes())
    return _padded(head) + data


def _value(value: Value) -> bytes:
    if isinstance(value, bool):
        return struct.pack("<I?", _BOOL, value)
    if isinstance(value, int):
        return struct.pack("<II", _U32, value)
    if isinstance(value, float):
        return struct.pack("<If", _F32, value)
    if isinstance(value, str):
        return struct.pack("<I", _STRING) + _string(value)
    of_text = isinstance(value[0], str)
    items = b"".join(_string(item) if isinstance(item, str) else struct.pack("<i", item) for item in value)
    return struct.pack("<IIQ", _ARRAY, _STRING if of_text else _I32, len(value)) + items


def _string(text: str) -> bytes:
    content = text.encode()
    return struct.pack("<Q", len(content)) + content


def _padded(content: bytes) -> bytes:
    return content + b"\0" * (-len(content) % _ALIGNMENT)
