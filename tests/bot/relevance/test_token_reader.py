"""The token reader: whether a text on the question's subject contains the answer."""

from base64 import b64decode, b64encode
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnxruntime.capi.onnxruntime_pybind11_state import InvalidProtobuf

from bot.relevance.token_context import RAW
from bot.relevance.token_model import SHIPPED, TokenReader
from ingest.documents import Passage


@pytest.fixture(scope="module")
def reader() -> TokenReader:
    return TokenReader.load(SHIPPED)


def passage(text: str, heading: str = "雨水タンク設置補助") -> Passage:
    return Passage("p", "d", "text", ("みなもと市 住まいの手引き", heading), text, ())


TOLD = passage(
    "雨水タンクを設置する方に費用の一部を補助します。\n補助額は上限3万円です。\n申請は工事の前に環境課へ出してください。"
)
MISSED = passage("雨水タンクを設置する方に費用の一部を補助します。\n申請は工事の前に環境課へ出してください。")
ONE = np.full(1, 0.5, np.float32)
ASKED = "雨水タンクの補助はいくらまで出ますか"


def test_a_near_miss_scores_lower_than_the_answer(reader: TokenReader) -> None:
    """The scheme alone answers less than the scheme with its sum, which is the unit that answers."""
    of_units, (told, missed) = reader.logits(ASKED, [TOLD, MISSED])
    assert told > missed + 1
    assert of_units[0].argmax() == 1


def test_other_words_for_the_same_answer(reader: TokenReader) -> None:
    """Of two ways to hand something in, that is meant which the question says in other words."""
    online, counter = (
        passage(text, "手続き") for text in ("届出はオンラインで申請できます。", "届出は窓口で受け付けます。")
    )
    _, (meant, other) = reader.logits("ネットで書類を出せますか", [online, counter])
    assert meant > other + 2


def test_evidence_is_raised_and_lowered(reader: TokenReader) -> None:
    """What the evidence holds likely becomes likelier where the answer stands than where it is missing."""
    told, missed = (
        reader.combine_with_evidence(ASKED, [one], np.full(len(one.text.splitlines()), 0.5, np.float32), ONE, 0.5)[1]
        for one in (TOLD, MISSED)
    )
    assert 0 < missed < told < 1


@pytest.mark.parametrize("text", ["", "、。", "\n\n", "あ" * 3000, "1,234 | 5,678 | " * 200, "\ud800"])
def test_any_text_is_read(reader: TokenReader, text: str) -> None:
    """Nothing, marks alone, one long word, figures without end and broken letters have logits, too."""
    of_units, of_passages = reader.logits(text or ASKED, [passage(text), TOLD])
    assert len(of_passages) == len(of_units)
    assert all(-30 < value < 30 for each in (*of_units, of_passages) for value in each)


def test_a_passage_is_read_alike_alone_and_with_others(reader: TokenReader) -> None:
    """What stands beside a passage in the batch, longer or shorter, changes nothing."""
    alone = reader.logits(ASKED, [MISSED])[1][0]
    beside = reader.logits(ASKED, [passage("短い文です。"), MISSED, passage("長い文が続きます。" * 40)])[1][1]
    assert beside == pytest.approx(alone, abs=1e-3)


def test_model_with_other_features_is_refused(tmp_path: Path) -> None:
    """It is told when the file is opened, not at the first question."""
    model = onnx.load_model(SHIPPED)
    (context,) = (one for one in model.metadata_props if one.key == "context")
    context.value = b64encode(b64decode(context.value)[: -2 * RAW]).decode()
    (file := tmp_path / "token_reader.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ValueError, match="contextual features"):
        TokenReader.load(file)


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    """A file that holds no net is an error that tells so, as the reader that opens it expects."""
    broken = tmp_path / "token_reader.onnx"
    broken.write_bytes(b"no net")
    with pytest.raises(InvalidProtobuf):
        TokenReader.load(broken)
