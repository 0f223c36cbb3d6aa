"""Models of two layers made on the spot: real ones of the libraries, untrained, the same each time."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import BertConfig

# Four seconds of imports, which every worker would pay that collects the tests.
# ruff: noqa: PLC0415

# Longest input, in tokens.
LONGEST = 96
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def plain_encoder(folder: Path, texts: str) -> Path:
    from transformers import BertModel

    config = _tokenizer(folder, texts)
    BertModel(config).save_pretrained(folder)
    return folder


def sentence_transformer(folder: Path, texts: str, prompts: dict[str, str] | None = None) -> Path:
    from sentence_transformers import SentenceTransformer

    plain = plain_encoder(folder / "plain", texts)
    SentenceTransformer(str(plain), prompts=prompts, device="cpu").save_pretrained(str(folder / "model"))
    return folder / "model"


def _tokenizer(folder: Path, texts: str) -> "BertConfig":
    import torch
    from transformers import BertConfig, BertTokenizer

    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    folder.mkdir(parents=True)
    letters = sorted({letter for letter in texts.lower() if not letter.isspace()})
    words = [*_SPECIAL, *letters, *(f"##{letter}" for letter in letters)]
    BertTokenizer(vocab={word: i for i, word in enumerate(words)}).save_pretrained(folder)
    torch.manual_seed(0)
    return BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=LONGEST,
    )
