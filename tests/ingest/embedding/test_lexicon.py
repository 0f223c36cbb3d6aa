"""Tests of word vectors of a corpus, and their combination with the encoder's."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.embedding import to_unit_length
from ingest.embedding.words import WordVectors, shipped_word_vectors
from ingest.embedding.words.word_lexicon import (
    Lexicon,
    concatenate_vectors,
    pool_passages,
    principal_axes,
    sample_slice,
)
from ingest.terms.flow import Flow

NUMBERS = {"市長": 0, "星見": 1, "本部": 2}
# 図書 is a word of general Japanese that this corpus lacks.
ELSEWHERE = "図書"


@pytest.fixture
def lexicon() -> Lexicon:
    vectors = np.zeros((2, shipped_word_vectors().dimension), np.float32)
    vectors[0, :2], vectors[1, 1] = (3, 4), 2
    return Lexicon.build(NUMBERS, WordVectors({"本部": 0, "市長": 1}, vectors))


def drawn(size: int, dimension: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(0)
    strength = np.where(np.arange(dimension) < 100, 1, 0.05)
    return to_unit_length(rng.standard_normal((size, dimension)) * strength)


def test_a_word_in_the_corpus_has_its_adapted_vector(lexicon: Lexicon) -> None:
    directions, importance = lexicon.look_up(["本部", "市長"])
    np.testing.assert_allclose(directions[:, :3], np.array([[0.6, 0.8, 0], [0, 1, 0]]), atol=1e-4)
    np.testing.assert_allclose(importance, np.array([5, 2]), rtol=1e-4)


def test_a_word_outside_the_corpus_has_its_shipped_vector(lexicon: Lexicon) -> None:
    directions, importance = lexicon.look_up([ELSEWHERE])
    vector = shipped_word_vectors().vectors[shipped_word_vectors().terms[ELSEWHERE]].astype(np.float32)
    assert importance[0] == pytest.approx(float(np.linalg.norm(vector)), rel=1e-3)
    np.testing.assert_allclose(directions[0] * importance[0], vector, atol=1e-3)


def test_an_unknown_word_has_no_direction(lexicon: Lexicon) -> None:
    directions, importance = lexicon.look_up(["星見", "ほげふが"])
    assert not directions.any()
    assert not importance.any()


def test_words_are_pooled_by_importance(lexicon: Lexicon) -> None:
    np.testing.assert_allclose(lexicon.pooled(["本部", "市長", "星見"])[:2], np.array([3, 6]) / np.sqrt(45), atol=1e-4)
    for nothing in ([], ["ほげふが"]):
        assert not lexicon.pooled(nothing).any()


def test_a_passage_vector_is_the_weighted_sum_of_its_words(lexicon: Lexicon) -> None:
    flow = Flow.build([["市長"], [], ["星見"]], [[["本部"], ["星見"]], [["本部"]], []], NUMBERS)
    found = pool_passages(flow, lexicon)
    sums = np.array([[3, 4 + 3 * 2], [3, 4], [0, 0]], np.float32)
    np.testing.assert_allclose(found[:, :2], to_unit_length(sums), atol=1e-4)
    assert found.shape == (3, shipped_word_vectors().dimension)


def test_the_cosine_of_concatenated_vectors_is_the_weighted_sum() -> None:
    encoded, pooled = drawn(20, 64), drawn(20, 32)
    both = concatenate_vectors(encoded, pooled)
    assert both.shape == (20, 96)
    np.testing.assert_allclose(np.linalg.norm(both, axis=1), 1, atol=1e-4)
    np.testing.assert_allclose(both @ both[0], 0.375 * encoded @ encoded[0] + 0.625 * pooled @ pooled[0], atol=1e-4)


def test_principal_axes_nearly_preserve_cosines() -> None:
    vectors = drawn(600, 400)
    kept = vectors @ principal_axes(len(vectors), vectors[sample_slice(len(vectors))])
    assert kept.shape == (600, 256)
    np.testing.assert_allclose(kept @ kept[0], vectors @ vectors[0], atol=0.01)


@pytest.mark.parametrize(("size", "dimension"), [(0, 300), (1, 300), (256, 300), (600, 256)])
def test_few_vectors_or_dimensions_are_not_reduced(size: int, dimension: int) -> None:
    vectors = drawn(size, dimension)
    np.testing.assert_array_equal(vectors @ principal_axes(len(vectors), vectors[sample_slice(len(vectors))]), vectors)
