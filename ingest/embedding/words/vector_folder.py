"""Reads and writes word vectors as a SentenceTransformer folder.

It has no normalisation module, which in float16 would give NaN for a text without known words.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.errors import IngestError

_WEIGHTS = "model.safetensors"
_TOKENIZER = "tokenizer.json"
_TENSOR = "embedding.weight"
# Unknown words have a row of zeros.
_UNKNOWN = "[UNK]"
_MODULES = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"}]
_CONFIG = {"prompts": {"query": "", "document": ""}, "default_prompt_name": None, "similarity_fn_name": "cosine"}


def write_folder(folder: Path, terms: Sequence[str], vectors: NDArray[Any]) -> None:
    """Write `vectors`, (len(terms), dimension), as float16 to `folder`, which is created if missing."""
    from safetensors.numpy import save  # noqa: PLC0415 -- reading does not need it

    folder.mkdir(parents=True, exist_ok=True)
    rows = np.vstack([np.zeros((1, vectors.shape[1])), vectors]).astype(np.float16)
    (folder / _WEIGHTS).write_bytes(save({_TENSOR: rows}))
    _write(folder / _TOKENIZER, _tokenizer(terms))
    _write(folder / "modules.json", _MODULES)
    _write(folder / "config_sentence_transformers.json", _CONFIG)


def _tokenizer(terms: Sequence[str]) -> dict[str, Any]:
    vocabulary = {term: row for row, term in enumerate((_UNKNOWN, *terms))}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": _UNKNOWN},
    }


def _write(file: Path, value: Any) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def read_folder(folder: Path) -> tuple[list[str], NDArray[Any]]:
    """Return the terms and their memory-mapped vectors, (len(terms), dimension) float16.

    Raises IngestError if `folder` is damaged or was not written by `write_folder`.
    """
    try:
        tokenizer = json.loads((folder / _TOKENIZER).read_text(encoding="utf-8"))
        terms = list(tokenizer["model"]["vocab"])[1:]
        vectors = _map_tensor(folder / _WEIGHTS)[1:]
        if len(terms) != len(vectors):
            raise ValueError(f"{len(terms)} terms, {len(vectors)} vectors")  # noqa: TRY301 -- reported like the other errors
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IngestError(
            f"単語ベクトルのフォルダー「{folder}」を読めません（{error}）。"
            "パッケージをもう一度インストールしてください。"
        ) from error
    return terms, vectors


def _map_tensor(file: Path) -> NDArray[Any]:
    with file.open("rb") as opened:
        size = int.from_bytes(opened.read(8), "little")
        tensor = json.loads(opened.read(size))[_TENSOR]
    if tensor["dtype"] != "F16":
        raise ValueError(tensor["dtype"])
    start, _ = tensor["data_offsets"]
    shape = tuple(tensor["shape"])
    return np.asarray(np.memmap(file, np.dtype("<f2"), mode="r", offset=8 + size + start, shape=shape))


def vectors_digest(folder: Path) -> str:
    """Return a digest of the vectors in `folder`; "" if there are none."""
    weights = folder / _WEIGHTS
    return sha256(weights.read_bytes()).hexdigest() if weights.is_file() else ""
