from itertools import islice

import numpy as np
import pytest

from bot.answering.relevance.token_context import RAW_FEATURES, TokenContext
from bot.answering.relevance.token_model import SHIPPED, PassageTokens, TokenReader
from bot.answering.token_batches import tokenise_text
from ingest.embedding import use_encoder
from ingest.embedding.use_encoder import piece_head, pieces_in_context
from ingest.embedding.words.word_vectors import shipped_word_vectors


@pytest.fixture(scope="module")
def reader() -> TokenReader:
    return TokenReader(SHIPPED.read_bytes())


def passage(text: str, heading: str = "雨水タンク設置補助") -> PassageTokens:
    return ("みなもと市 住まいの手引き", heading), [tokenise_text(line) for line in text.splitlines()]


ANSWERING = passage(
    "雨水タンクを設置する方に費用の一部を補助します。\n補助額は上限3万円です。\n申請は工事の前に環境課へ出してください。"
)
NEAR_MISS = passage("雨水タンクを設置する方に費用の一部を補助します。\n申請は工事の前に環境課へ出してください。")
ONE = np.full(1, 0.5, np.float32)
QUESTION = "雨水タンクの補助はいくらまで出ますか"


def test_a_near_miss_scores_lower_than_the_answer(reader: TokenReader) -> None:
    of_units, (answering, near_miss) = reader.logits(QUESTION, [ANSWERING, NEAR_MISS])
    assert answering > near_miss + 1
    assert of_units[0].argmax() == 1


def test_the_model_adjusts_the_evidence(reader: TokenReader) -> None:
    def score(passage: PassageTokens) -> float:
        units = len(passage[1])
        evidence = np.full(units, 0.5, np.float32), ONE, 0.5
        return float(
            reader.combine_with_evidence(QUESTION, lambda _: passage, np.zeros(units, np.int64), evidence)[1][0]
        )

    near_miss, answering = score(NEAR_MISS), score(ANSWERING)
    assert 0 < near_miss < answering < 1


@pytest.mark.parametrize("text", ["", "、。", "\n\n", "あ" * 3000, "1,234 | 5,678 | " * 200, "\ud800"])
def test_any_text_has_finite_logits(reader: TokenReader, text: str) -> None:
    of_units, of_passages = reader.logits(text or QUESTION, [passage(text), ANSWERING])
    assert len(of_passages) == len(of_units)
    assert all(-30 < value < 30 for each in (*of_units, of_passages) for value in each)


def test_a_passage_scores_the_same_alone_and_in_a_batch(reader: TokenReader) -> None:
    alone = reader.logits(QUESTION, [NEAR_MISS])[1][0]
    batched = reader.logits(QUESTION, [passage("短い文です。"), NEAR_MISS, passage("長い文が続きます。" * 40)])[1][1]
    assert batched == pytest.approx(alone, abs=1e-3)


ALL = np.concatenate([np.zeros((1, RAW_FEATURES)), np.ones((1, RAW_FEATURES)), np.eye(RAW_FEATURES)]).astype(np.float32)
WEIGHT, BIAS = piece_head()


@pytest.fixture
def context() -> TokenContext:
    return TokenContext(ALL)


def test_texts_are_cached_until_they_are_too_many() -> None:
    kept, new = (tokenise_text(text) for text in ("市民課", "水道局"))
    context = TokenContext(ALL, max_cached_texts=1)
    (first,) = context.features([kept])
    assert context.features([kept, new])[0] is first
    assert context.features([kept])[0] is not first


def test_many_pieces_are_read_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    features = use_encoder._model()[1]  # noqa: SLF001
    monkeypatch.setattr(use_encoder, "_CACHED_PIECES", 256)
    monkeypatch.setattr(features, "_cache", use_encoder._PieceCache(features, 256))  # noqa: SLF001
    few, many = [["粗大", "ごみ", "の", "収集"]], [[word] for word in islice(shipped_word_vectors().terms, 2000)]
    _, first = pieces_in_context(few, WEIGHT)
    counts, found = pieces_in_context([*many, *few], WEIGHT)
    pieces = [piece for word in many for piece in use_encoder._word_pieces(word[0][:40])]  # noqa: SLF001
    assert np.unique(pieces).size > use_encoder._CACHED_PIECES  # noqa: SLF001
    assert found[-len(first) :] == pytest.approx(first, abs=1e-4)
    assert pieces_in_context([many[-1]], WEIGHT)[1] == pytest.approx(
        found[-len(first) - counts[-5] : -len(first)], abs=1e-4
    )
    assert pieces_in_context(few, WEIGHT)[1] == pytest.approx(first, abs=1e-4)
