"""Training samples and export of the token model."""

import json
from pathlib import Path

import numpy as np
import pytest

from bot.relevance.tokens import make_windows, tokenise_text

# PyTorch takes a second to import, which every worker would pay that collects the tests.
# ruff: noqa: PLC0415

TEXT = (
    "灯台は港の入口に立ち、明治25年に建てられた。白い塔の高さは18メートルである。"
    "灯台守は一人で、三十年のあいだ灯をともした。今は誰も住まない。"
)
ASKED = (("灯台はいつ建てられた?", "明治25年"), ("塔の高さは?", "18メートル"), ("灯台守は何年灯をともした?", "三十年"))


@pytest.fixture(scope="module")
def squad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("squad") / "squad.json"
    other = "港には市場があり、朝五時に開く。灯台の絵がはがきになった。"
    qas = [
        {"id": str(n), "question": q, "answers": [{"text": a, "answer_start": TEXT.index(a)}]}
        for n, (q, a) in enumerate(ASKED)
    ]
    paragraphs = [{"context": TEXT, "qas": qas}, {"context": other, "qas": []}]
    file.write_text(json.dumps({"data": [{"title": "灯台", "paragraphs": paragraphs}]}), "utf-8")
    return file


def test_negative_samples_lack_the_answer_and_positive_ones_have_it(squad: Path) -> None:
    from eval.training.token_samples import load_answered_questions, make_question_samples

    random = np.random.default_rng(0)
    seen = set()
    for asked in load_answered_questions(squad) * 40:
        answer = [token.runs for token in tokenise_text(asked.answer)]
        for sample in make_question_samples(asked, random):
            runs = [token.runs for text in sample.window.texts for token in text]
            held = any(runs[i : i + len(answer)] == answer for i in range(len(runs)))
            assert held == bool(sample.answers) == bool(max(sample.units))
            if sample.span:
                assert runs[sample.span[0] : sample.span[1] + 1] == answer
            seen.add((sample.answers, len(runs)))
    assert len(seen) > 8


def test_a_served_model_gives_the_logits_of_training(squad: Path, tmp_path: Path) -> None:
    import torch

    from bot.relevance.token_model import TokenReader
    from eval.training.token_model import TrainableTokenModel, export_token_reader, load_token_reader, make_token_inputs
    from eval.training.token_samples import load_answered_questions
    from eval.training.token_training import pretrain

    trained = pretrain(load_answered_questions(squad), steps=2)
    file = tmp_path / "token_reader.onnx"
    file.write_bytes(export_token_reader(trained, dict.fromkeys(("whole", "passages", "units"), (0, 1, 0))))
    known, by = load_token_reader(file)
    net = TrainableTokenModel(len(known.parts), 0.0)
    net.load_state_dict(known.state)
    cut = [*make_windows(("灯台",), TEXT.split("。")), *make_windows((), ["短い文。"])]
    pairs = [(tokenise_text(ASKED[0][0]), window) for window in cut]
    with torch.no_grad():
        read = net.eval()(*make_token_inputs(pairs, known.parts, known.context))
    of_units, of_windows = TokenReader.load(file).score_windows(pairs)
    assert known.parts == trained.parts
    assert by["whole"] == [0, 1, 0]
    assert of_units == pytest.approx(read.units.numpy(), abs=1e-3)
    assert of_windows == pytest.approx(read.windows.numpy(), abs=1e-3)
