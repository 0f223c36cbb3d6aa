from math import log
from pathlib import Path

import numpy as np
import pytest

from ingest.keyword import KeywordIndex

HEADINGS = [["計画", "期間"], ["計画", "体制"], []]
BODIES = [["期間", "は", "四", "年"], ["本部", "本部", "市長"], []]


@pytest.fixture
def index() -> KeywordIndex:
    return KeywordIndex.build(HEADINGS, BODIES)


def test_scores_follow_the_formula(index: KeywordIndex) -> None:
    """A body score is Lucene's BM25 with k1 = 1.2 and b = 0.75."""
    idf = log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    average = (4 + 3 + 0) / 3
    expected = idf * 2 / (2 + 1.2 * (1 - 0.75 + 0.75 * 3 / average))
    np.testing.assert_allclose(index.scores(["本部"])["body"], [0, expected, 0], rtol=1e-6)


def test_each_field_has_its_own_scores(index: KeywordIndex) -> None:
    """A word of the headings scores there and not in the body, and the other way round."""
    scores = index.scores(["体制", "市長"])
    assert scores["heading"].nonzero()[0].tolist() == [1]
    assert scores["body"].nonzero()[0].tolist() == [1]
    assert index.scores(["体制"])["body"].tolist() == [0, 0, 0]


def test_scores_of_terms_add_up(index: KeywordIndex) -> None:
    """The score of a question is the sum over its terms; a term given twice counts twice."""
    both = index.scores(["期間", "四", "四"])["body"]
    np.testing.assert_allclose(both, index.scores(["期間"])["body"] + 2 * index.scores(["四"])["body"], rtol=1e-6)


def test_unknown_terms_and_no_terms_score_nothing(index: KeywordIndex) -> None:
    """Words that no passage holds, and a question without words, leave every score at zero."""
    for terms in ([], ["予算"]):
        assert all(not scores.any() for scores in index.scores(terms).values())


def test_a_rare_term_weighs_more(index: KeywordIndex) -> None:
    """Idf counts passages that hold the term in either field, and is highest for a term that none holds."""
    assert index.idf("計画") == pytest.approx(log(1 + (3 - 2 + 0.5) / (2 + 0.5)))
    assert index.idf("期間") == pytest.approx(log(1 + (3 - 1 + 0.5) / (1 + 0.5)))
    assert index.idf("計画") < index.idf("期間") < index.idf("予算")


def test_a_saved_index_scores_alike(index: KeywordIndex, tmp_path: Path) -> None:
    """What was saved and opened again gives the same scores and the same idf."""
    index.save(tmp_path / "keyword")
    opened = KeywordIndex.load(tmp_path / "keyword", size=3)
    for field, scores in index.scores(["期間", "計画", "本部"]).items():
        np.testing.assert_array_equal(opened.scores(["期間", "計画", "本部"])[field], scores)
    assert opened.idf("本部") == index.idf("本部")


@pytest.mark.parametrize("texts", [[], [[]], [[], []]])
def test_nothing_to_index_is_an_index(texts: list[list[str]], tmp_path: Path) -> None:
    """No passages, and passages without words, can be indexed, saved, opened and asked."""
    KeywordIndex.build(texts, texts).save(tmp_path)
    opened = KeywordIndex.load(tmp_path, size=len(texts))
    assert opened.scores(["計画"])["body"].shape == (len(texts),)
    assert opened.idf("計画") > 0


def test_headings_and_bodies_belong_together() -> None:
    """Fields of different lengths are refused."""
    with pytest.raises(ValueError, match="zip"):
        KeywordIndex.build([["計画"]], [["計画"], ["期間"]])
