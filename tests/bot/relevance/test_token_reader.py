"""Tests of the token reader, which decides whether a text on the question's subject has the answer."""

from base64 import b64decode, b64encode
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnxruntime.capi.onnxruntime_pybind11_state import InvalidProtobuf

from bot.relevance.token_context import RAW_FEATURES
from bot.relevance.token_model import SHIPPED, TokenReader
from ingest.documents import Passage


@pytest.fixture(scope="module")
def reader() -> TokenReader:
    return TokenReader.load(SHIPPED)


def passage(text: str, heading: str = "雨水タンク設置補助") -> Passage:
    return Passage("p", "d", "text", ("みなもと市 住まいの手引き", heading), text, ())


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


def test_a_paraphrase_scores_higher_than_another_option(reader: TokenReader) -> None:
    online, counter = (
        passage(text, "手続き") for text in ("届出はオンラインで申請できます。", "届出は窓口で受け付けます。")
    )
    _, (paraphrase, other) = reader.logits("ネットで書類を出せますか", [online, counter])
    assert paraphrase > other + 2


def test_the_model_adjusts_the_evidence(reader: TokenReader) -> None:
    answering, near_miss = (
        reader.combine_with_evidence(QUESTION, [one], np.full(len(one.text.splitlines()), 0.5, np.float32), ONE, 0.5)[1]
        for one in (ANSWERING, NEAR_MISS)
    )
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


def test_model_with_other_features_is_refused(tmp_path: Path) -> None:
    model = onnx.load_model(SHIPPED)
    (context,) = (one for one in model.metadata_props if one.key == "context")
    context.value = b64encode(b64decode(context.value)[: -2 * RAW_FEATURES]).decode()
    (file := tmp_path / "token_reader.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ValueError, match="contextual features"):
        TokenReader.load(file)


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "token_reader.onnx"
    broken.write_bytes(b"no net")
    with pytest.raises(InvalidProtobuf):
        TokenReader.load(broken)
