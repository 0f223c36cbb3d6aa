"""Word vectors: shipped, adapted to a corpus, and combined with the encoder's."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.configuration.settings import Settings
from ingest.embedding import encoder_fingerprint, open_encoder, to_unit_length
from ingest.embedding.words import WordVectors, adapt, shipped_word_vectors
from ingest.embedding.words.word_lexicon import (
    Lexicon,
    pool_passages,
)
from ingest.embedding.words.word_vectors import SHIPPED
from ingest.errors import IngestError
from ingest.terms.flow import Flow
from tests.ingest.term_flows import Words, make_flow

# Three matters; the words of each stand in the same texts.
MATTERS = (
    ["ゴミ", "収集", "袋", "分別", "資源", "燃える", "粗大", "曜日", "回収", "清掃"],
    ["保育", "子供", "入園", "申請", "園児", "育児", "給食", "児童", "母親", "預ける"],
    ["税金", "納付", "口座", "期限", "証明", "課税", "所得", "控除", "督促", "還付"],
)


def some_vectors(terms: list[str], dimension: int = 16) -> WordVectors:
    rows = np.random.default_rng(7).normal(size=(len(terms), dimension)).astype(np.float32)
    return WordVectors({term: row for row, term in enumerate(terms)}, rows)


TERMS = [word for matter in MATTERS for word in matter]


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


def test_the_shipped_vectors_need_no_torch() -> None:
    code = (
        "import sys; from ingest.embedding.words import shipped_word_vectors; shipped_word_vectors().pooled([['税']]);"
        "print(sorted({'torch', 'scipy', 'sentence_transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert done.stdout.strip() == "[]"


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


NUMBERS = {"市長": 0, "星見": 1, "本部": 2}
# 図書 is a word of general Japanese that this corpus lacks.
ELSEWHERE = "図書"


@pytest.fixture
def lexicon() -> Lexicon:
    vectors = np.zeros((2, shipped_word_vectors().dimension), np.float32)
    vectors[0, :2], vectors[1, 1] = (3, 4), 2
    return Lexicon.build(NUMBERS, WordVectors({"本部": 0, "市長": 1}, vectors))


def test_a_word_outside_the_corpus_has_its_shipped_vector(lexicon: Lexicon) -> None:
    directions, importance = lexicon.look_up([ELSEWHERE])
    vector = shipped_word_vectors().vectors[shipped_word_vectors().terms[ELSEWHERE]].astype(np.float32)
    assert importance[0] == pytest.approx(float(np.linalg.norm(vector)), rel=1e-3)
    np.testing.assert_allclose(directions[0] * importance[0], vector, atol=1e-3)


def test_a_passage_vector_is_the_weighted_sum_of_its_words(lexicon: Lexicon) -> None:
    flow = Flow.build([["市長"], [], ["星見"]], [[["本部"], ["星見"]], [["本部"]], []], NUMBERS)
    found = pool_passages(flow, lexicon)
    sums = np.array([[3, 4 + 3 * 2], [3, 4], [0, 0]], np.float32)
    np.testing.assert_allclose(found[:, :2], to_unit_length(sums), atol=1e-4)
    assert found.shape == (3, shipped_word_vectors().dimension)
