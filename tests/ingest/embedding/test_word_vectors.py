import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.configuration.settings import Settings
from ingest.embedding import encoder_fingerprint, open_encoder
from ingest.embedding.words import WordVectors, adapt
from ingest.embedding.words.word_vectors import SHIPPED
from ingest.errors import IngestError
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


def test_adaptation_gives_the_same_vectors_each_time() -> None:
    base, output = some_vectors(TERMS), []
    first, again = (
        adapted_to(base, *corpus(0), progress=lambda done, total: output.append((done, total))) for _ in range(2)
    )
    np.testing.assert_array_equal(first.vectors, again.vectors)
    assert output[-1][0] == output[-1][1]


def test_a_new_word_is_composed_of_its_parts() -> None:
    headings, bodies = corpus(0)
    adapted = adapted_to(some_vectors(TERMS), [*headings, ["臨時収集"]], [*bodies, ["臨時収集"]])
    new, near, far = adapted.pooled([["臨時収集"], ["収集"], ["税金"]])
    assert new @ near > 0.5 > new @ far
