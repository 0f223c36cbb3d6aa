import json
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.answering.question.follow_up_model import FollowUpModel
from bot.answering.relevance.evidence import RelevanceModel
from bot.answering.relevance.token_model import TokenReader
from bot.answering.retrieval.ranking import Ranker
from ingest.embedding.words import WordVectors
from lab.__main__ import TRAINERS, main
from lab.training import ranker, words

MODELS: dict[str, Callable[[Path], Any]] = {
    "ranker": Ranker.load,
    "relevance": lambda path: RelevanceModel(path.read_bytes()),
    "tokens": lambda path: TokenReader(path.read_bytes()),
    "follow-ups": lambda path: FollowUpModel(path.read_bytes()),
    "words": WordVectors.load,
    "emergencies": lambda path: json.loads(path.read_text("utf-8"))["grams"],
}


def test_every_trainer_writes_a_file_that_ships() -> None:
    root = Path(__file__).parents[3]
    assert TRAINERS.keys() == MODELS.keys()
    assert all((root / trainer.shipped).exists() for trainer in TRAINERS.values())


@pytest.mark.parametrize("model", MODELS)
def test_one_command_trains_each_model(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if model in {"relevance", "tokens", "follow-ups"}:
        pytest.importorskip("onnx", reason="make setup-dev installs it")
    monkeypatch.setenv("SHIRUBE_ENCODER", "shirube-words")
    monkeypatch.setenv("SHIRUBE_ADAPT", "false")
    assert main(["train", model, "--small", "--out", str(tmp_path / "made"), "--json"]) == 0
    assert MODELS[model](tmp_path / "made")
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_a_seed_gives_the_same_vectors_and_another_seed_gives_others(tmp_path: Path) -> None:
    for number, seed in enumerate(("0", "0", "1")):
        assert main(["train", "words", "--small", "--seed", seed, "--out", str(tmp_path / str(number))]) == 0
    first, again, other = ((tmp_path / str(n) / "model.safetensors").read_bytes() for n in range(3))
    assert first == again != other


@pytest.mark.parametrize("model", ["ranker", "relevance", "tokens", "words"])
def test_a_training_without_its_data_says_what_is_missing_and_where_to_get_it(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.training.torch_training.find_spec", lambda _name: True)
    assert main(["train", model, "--sets", str(tmp_path), "--out", str(tmp_path / "made")]) == 2
    error = capsys.readouterr().err
    assert f"  {tmp_path}/" in error
    assert "https://" in error


def test_a_small_training_does_not_replace_a_shipped_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "words", "--small"]) == 2
    assert "--out" in capsys.readouterr().err


def test_an_interrupted_training_leaves_the_earlier_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_options: Namespace) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "ranker.json"
    out.write_text("earlier", "utf-8")
    monkeypatch.setattr(ranker, "train", interrupt)
    with pytest.raises(KeyboardInterrupt):
        main(["train", "ranker", "--out", str(out)])
    assert [path.read_text("utf-8") for path in tmp_path.iterdir()] == ["earlier"]


def test_a_disk_that_is_full_while_it_is_written_leaves_the_earlier_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def write(path: Path, content: bytes) -> int:
        if content == b"second":
            raise OSError(28, "No space left on device")
        with path.open("wb") as file:
            return file.write(content)

    (tmp_path / "a").write_text("earlier", "utf-8")
    monkeypatch.setattr(words, "train", lambda _options: ({"a": b"first", "b": b"second"}, {}))
    monkeypatch.setattr(Path, "write_bytes", write)
    assert main(["train", "words", "--out", str(tmp_path)]) == 2
    assert "--out" in capsys.readouterr().err
    assert [(path.name, path.read_text("utf-8")) for path in tmp_path.iterdir()] == [("a", "earlier")]
