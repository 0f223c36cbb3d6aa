"""Tests of the file with the weights of the features."""

from pathlib import Path

import numpy as np
import pytest

from bot.errors import RankerError
from bot.retrieval.ranking import Ranker

FEATURES = {"bm25": np.array([1, 0, 2], np.float32), "word_vector_cosine": np.array([0, 1, 1], np.float32)}


def test_a_score_is_the_weighted_sum() -> None:
    np.testing.assert_allclose(Ranker({"bm25": 2.0, "word_vector_cosine": 0.5}).scores(FEATURES), [2, 0.5, 4.5])
    np.testing.assert_allclose(Ranker({"word_vector_cosine": 3.0}).scores(FEATURES), [0, 3, 3])


def test_saved_weights_are_loaded(tmp_path: Path) -> None:
    file = tmp_path / "ranker.json"
    Ranker({"bm25": 1.23456, "word_vector_cosine": 0.0}).save(file, {"fitted_on": {"町の問い": 3}})
    assert Ranker.load(file).weights_by_key == {"words": 1.2346, "meaning": 0.0}
    assert "町の問い" in file.read_text("utf-8")


def test_weights_come_with_the_package() -> None:
    weights = Ranker.load(None).weights
    assert weights
    assert all(weight >= 0 for weight in weights.values())


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"weights": [1]}',
        b'{"weights": {"words": null}}',
        b'{"weights": {"words": "many"}}',
        b'{"weights": {"words": NaN}}',
        b'{"weights": {}}',
        b'{"weights": {"heading": 1.0}}',
    ],
    ids=[
        "missing",
        "empty",
        "binary",
        "list",
        "without weights",
        "weights without names",
        "no number",
        "words",
        "not finite",
        "none",
        "unknown feature",
    ],
)
def test_a_file_without_weights_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "ranker.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(RankerError, match="検索の重み") as caught:
        Ranker.load(file)
    assert all(part in str(caught.value) for part in (str(file), "SHIRUBE_RANKER", "python -m eval fit"))
