"""Tests of the features of passages, on passages small enough to count by hand, with the shipped word vectors."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bot.retrieval.features import compute_features
from bot.retrieval.query_representation import QueryRepresentation
from ingest.embedding.words import shipped_word_vectors
from tests.bot.retrieval.passages import ENCODER, document, opened

Passages = Sequence[str | tuple[str, str]]


def feature_values(folder: Path, question: str, passages: Passages, name: str) -> list[float]:
    """Return the feature `name` of each passage of an index that holds just these."""
    with opened(folder, [document("d", *passages)]) as index:
        column: list[float] = compute_features(QueryRepresentation(question, index, ENCODER), np.arange(len(passages)))[
            name
        ].tolist()
    return column


def rarity(folder: Path, question: str, passages: Passages) -> dict[str, float]:
    """Return what each word of the question weighs."""
    with opened(folder, [document("d", *passages)]) as index:
        asked = QueryRepresentation(question, index, ENCODER)
        idf = {word: index.keyword.idf(word) for word in asked.distinct_words}
    return {word: value / sum(idf.values()) for word, value in idf.items()}


def cosine(a: str, b: str) -> float:
    rows = [shipped_word_vectors().vectors[shipped_word_vectors().terms[word]].astype(np.float64) for word in (a, b)]
    return float(rows[0] @ rows[1] / np.linalg.norm(rows[0]) / np.linalg.norm(rows[1]))


COVERED: Passages = (
    ("計画", "本部を設ける。市長が改める。"),
    "計画を作る。市長が改める。本部を設ける。",
    "市長が改める。市長が示す。",
    "図書館が開く。",
)


def test_headings_count_for_the_best_sentence(tmp_path: Path) -> None:
    weight = rarity(tmp_path, "計画の本部の市長", COVERED)
    assert weight["市長"] < weight["計画"] == weight["本部"]
    shares = feature_values(tmp_path, "計画の本部の市長", COVERED, "best_sentence_overlap")
    expected = [weight["計画"] + weight["本部"], weight["計画"], weight["市長"], 0]
    assert shares == pytest.approx([share**3 for share in expected], rel=1e-4)


def test_words_that_no_passage_has_are_not_covered(tmp_path: Path) -> None:
    passages = ("市長が改める。", "図書館が開く。")
    weight = rarity(tmp_path, "市長の給食", passages)
    assert feature_values(tmp_path, "市長の給食", passages, "best_sentence_overlap") == pytest.approx(
        [weight["市長"] ** 3, 0], rel=1e-4
    )
    for name in ("best_sentence_overlap", "run_overlap", "five_gram_overlap"):
        assert feature_values(tmp_path, "給食の献立", passages, name) == [0, 0]


@pytest.mark.parametrize(
    ("question", "passage", "share"),
    [
        ("ハザードマップ", "ハザードマップは全戸に配る。", 1),
        ("ハザードマップ", "ハザートマップ", 2 / 5),
        ("ﾊｻﾞｰﾄﾞﾏｯﾌﾟ", "ハザード マップ", 1),
        ("窓口の時間", ("窓口", "時間の案内"), 0),
        ("窓口の時間", ("窓口の案内", "開く時間"), 1 / 3),
        ("本", "本を借りる。", 1),
        ("DX計画", "dx計画", 1),
        ("窓口", "計画", 0),
    ],
    ids=["whole", "a wrong letter", "width and spaces", "apart", "heading", "short", "case", "none"],
)
def test_characters_are_compared_with_characters(
    tmp_path: Path, question: str, passage: str | tuple[str, str], share: float
) -> None:
    assert feature_values(tmp_path, question, [passage, "図書館"], "trigram_overlap")[0] == pytest.approx(
        share, rel=1e-4
    )


def test_late_interaction_is_the_cosine_with_the_most_similar_word(tmp_path: Path) -> None:
    passages = ("町長が話す。", ("町長", "雨が降る。"), "市長が話す。", "ほげふが")
    shares = feature_values(tmp_path, "市長", passages, "late_interaction")
    assert 0.2 < cosine("市長", "町長") < 0.95
    assert shares[:2] == pytest.approx([cosine("市長", "町長") ** 3] * 2, abs=1e-3)
    assert shares[2] == pytest.approx(1, abs=1e-3)
    assert shares[3] == pytest.approx(0, abs=1e-4)


def test_late_interaction_weighs_words_by_importance(tmp_path: Path) -> None:
    length = {
        w: float(np.linalg.norm(shipped_word_vectors().vectors[shipped_word_vectors().terms[w]].astype(float)))
        for w in ("市長", "雨")
    }
    likest = max(0.0, cosine("市長", "雨"))
    expected = (length["雨"] + length["市長"] * likest) / sum(length.values())
    assert feature_values(tmp_path, "市長と雨", ["雨", "図書館"], "late_interaction")[0] == pytest.approx(
        expected**3, abs=1e-3
    )


def test_keyword_scores_are_shares_of_the_highest_score(tmp_path: Path) -> None:
    passages = ("市長が改める。", "図書館が開く。")
    once = feature_values(tmp_path, "市長", passages, "bm25")
    assert 0 < once[0] < 1
    assert once[1] == 0
    assert feature_values(tmp_path, "市長と市長", passages, "bm25") == pytest.approx(once, rel=1e-4)


def test_features_keep_the_requested_order(tmp_path: Path) -> None:
    with opened(tmp_path, [document("d", *COVERED)]) as index:
        asked = QueryRepresentation("計画の本部の市長", index, ENCODER)
        every, some = (compute_features(asked, np.array(rows)) for rows in ([0, 1, 2, 3], [3, 1]))
    for name, column in every.items():
        np.testing.assert_allclose(some[name], column[[3, 1]], atol=1e-4, err_msg=name)
