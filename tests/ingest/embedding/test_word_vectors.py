import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.configuration.settings import Settings
from ingest.embedding import encoder_fingerprint, open_encoder
from ingest.embedding.words import WordVectors, adapt
from ingest.embedding.words.word_vectors import SHIPPED
from ingest.errors import IngestError
from tests.ingest.embedding.words_examples import MATTERS, some_vectors
from tests.ingest.term_flows import Words, make_flow

TERMS = [word for matter in MATTERS for word in matter]


def test_a_text_vector_is_the_sum_of_its_words() -> None:
    vectors = WordVectors({"税": 0, "窓口": 1}, np.array([[3, 0], [0, 1]], np.float32))
    pooled = vectors.pooled([["税", "窓口", "窓口", "知らない"]])
    np.testing.assert_allclose(pooled, [[3 / 13**0.5, 2 / 13**0.5]], atol=1e-4)


@pytest.mark.parametrize("broken", ["tokenizer.json", "model.safetensors"])
def test_the_error_for_a_damaged_folder_says_what_to_do(tmp_path: Path, broken: str) -> None:
    folder = shutil.copytree(SHIPPED, tmp_path / "words")
    for content in (b"{", (SHIPPED / broken).read_bytes()[:-1000]):
        (folder / broken).write_bytes(content)
        with pytest.raises(IngestError, match="もう一度インストール"):
            WordVectors.load(folder)


def test_the_shipped_vectors_can_be_used_as_encoder() -> None:
    encoder = open_encoder(Settings(_env_file=None, encoder="shirube-words"))
    assert encoder.name == "shirube-words"
    assert encoder.dimension == 256
    documents = encoder.encode_documents(["ごみの収集日", ""])
    np.testing.assert_allclose(encoder.encode_query("ごみの収集日"), documents[0])
    np.testing.assert_allclose(np.linalg.norm(documents, axis=1), [1, 0], atol=1e-4)
    assert encoder_fingerprint("shirube-words")


def test_the_shipped_vectors_stay_on_disk_and_need_no_torch() -> None:
    code = (
        "import sys; from ingest.embedding.words import shipped_word_vectors; shipped_word_vectors().pooled([['税']]);"
        "maps = open('/proc/self/maps').read() if sys.platform == 'linux' else 'model.safetensors';"
        "print(sorted({'torch', 'scipy', 'sentence_transformers'} & set(sys.modules)), 'model.safetensors' in maps)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert done.stdout.strip() == "[] True"


def corpus(seed: int) -> tuple[list[list[str]], list[list[str]]]:
    rng = np.random.default_rng(seed)
    bodies = [list(rng.choice(MATTERS[place % 3], 24)) for place in range(60)]
    return [list(rng.choice(MATTERS[place % 3], 3)) for place in range(60)], bodies


def adapted_to(base: WordVectors, headings: Words, bodies: Words, **more: Any) -> WordVectors:
    numbers, flow = make_flow(headings, [[body] for body in bodies])
    return adapt(base, tuple(numbers), flow, **more)


def test_adaptation_moves_cooccurring_words_together() -> None:
    base = some_vectors(TERMS)
    adapted = adapted_to(base, *corpus(0))
    assert set(adapted.terms) == set(TERMS)

    def cosine(vectors: WordVectors, one: str, other: str) -> float:
        left, right = vectors.pooled([[one], [other]])
        return float(left @ right)

    together, apart = cosine(adapted, "ゴミ", "収集"), cosine(adapted, "ゴミ", "保育")
    assert together > max(apart, cosine(base, "ゴミ", "収集"))


def test_adaptation_depends_only_on_the_seed() -> None:
    base, output = some_vectors(TERMS), []
    first, again, other = (
        adapted_to(base, *corpus(0), seed=seed, progress=lambda done, total: output.append((done, total)))
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first.vectors, again.vectors)
    assert not np.array_equal(first.vectors, other.vectors)
    assert output[-1][0] == output[-1][1]


def test_a_new_word_is_composed_of_its_parts() -> None:
    headings, bodies = corpus(0)
    adapted = adapted_to(some_vectors(TERMS), [*headings, ["臨時収集"]], [*bodies, ["臨時収集"]])
    new, near, far = adapted.pooled([["臨時収集"], ["収集"], ["税金"]])
    assert new @ near > 0.5 > new @ far


def test_in_a_small_corpus_general_importance_counts() -> None:
    base = some_vectors(TERMS)
    base.vectors[base.terms["ゴミ"]] *= 0.05
    adapted = adapted_to(base, [["ゴミ", "収集"]] * 4, [["ゴミ", "収集", "袋"]] * 4)
    light, heavy = (np.linalg.norm(adapted.rows(adapted.ids([word]))) for word in ("ゴミ", "収集"))
    assert light < heavy / 5


@pytest.mark.parametrize("passages", [0, 1, 2])
def test_very_few_passages_leave_the_vectors_unchanged(passages: int) -> None:
    headings, bodies = ([texts[0]] * passages for texts in corpus(0))
    base = some_vectors(TERMS)
    adapted = adapted_to(base, headings, bodies)
    assert set(adapted.terms) == {word for text in (*headings, *bodies) for word in text}
    for term in adapted.terms:
        assert adapted.pooled([[term]])[0] @ base.pooled([[term]])[0] > 0.9


def test_passages_without_words_do_no_harm() -> None:
    headings, bodies = corpus(0)
    adapted = adapted_to(some_vectors(TERMS), [[], *headings, []], [[], *bodies, ["ゴミ"]])
    assert np.isfinite(adapted.vectors).all()
