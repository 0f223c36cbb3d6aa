from math import log
from pathlib import Path

import numpy as np
import pytest

from ingest.index.keyword import KeywordIndex, passage_terms
from tests.ingest.term_flows import make_text_flow

TEXTS = [["計画", "期間", "四", "年"], ["計画", "本部", "本部", "市長", "体制"], []]


def write_index(folder: Path, texts: list[list[str]]) -> KeywordIndex:
    numbers, flow = make_text_flow(texts)
    return KeywordIndex.write(folder / "keyword", numbers, len(texts), passage_terms(flow, np.arange(len(texts) + 1)))


@pytest.fixture
def index(tmp_path: Path) -> KeywordIndex:
    return write_index(tmp_path, TEXTS)


def test_scores_follow_the_bm25_formula(index: KeywordIndex) -> None:
    idf = log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    average = (4 + 5 + 0) / 3
    expected = idf * 2 / (2 + 1.2 * (1 - 0.75 + 0.75 * 5 / average))
    np.testing.assert_allclose(index.score_texts(["本部"]), [0, expected, 0], rtol=1e-4)


def test_scores_of_terms_add_up(index: KeywordIndex) -> None:
    both = index.score_texts(["期間", "計画", "計画"])
    np.testing.assert_allclose(both, index.score_texts(["期間"]) + 2 * index.score_texts(["計画"]), rtol=1e-4)
    assert index.score_texts(["期間", "計画"]).argmax() == 0


def test_a_rare_term_weighs_more(index: KeywordIndex) -> None:
    assert index.idf("計画") == pytest.approx(log(1 + (3 - 2 + 0.5) / (2 + 0.5)))
    assert index.idf("本部") == pytest.approx(log(1 + (3 - 1 + 0.5) / (1 + 0.5)))
    assert index.idf("計画") < index.idf("本部") < index.idf("予算")


def test_a_reopened_index_gives_the_same_scores(index: KeywordIndex, tmp_path: Path) -> None:
    opened = KeywordIndex.load(tmp_path / "keyword", size=3)
    asked = ["期間", "計画", "本部"]
    np.testing.assert_array_equal(opened.score_texts(asked), index.score_texts(asked))
    assert opened.idf("本部") == index.idf("本部")
    assert opened.term_numbers == index.term_numbers


def test_indexing_in_parts_gives_the_same_index(
    index: KeywordIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.terms.flow._TERMS_PER_PART", 5)
    parted = write_index(tmp_path / "parted", TEXTS)
    for name in ("starts", "rows", "weights"):
        np.testing.assert_array_equal(getattr(parted, name), getattr(index, name))


@pytest.mark.parametrize("texts", [[], [[]], [[], []]])
def test_an_empty_corpus_can_be_indexed(texts: list[list[str]], tmp_path: Path) -> None:
    opened = write_index(tmp_path, texts)
    assert opened.score_texts(["計画"]).shape == (len(texts),)
    assert opened.idf("計画") > 0
