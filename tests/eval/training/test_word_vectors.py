import json
from pathlib import Path

import numpy as np
import pytest

from eval.training.word_vectors.__main__ import main
from eval.training.word_vectors.general_training import train_general
from eval.training.word_vectors.pretrained import Pretrained
from eval.training.word_vectors.training_texts import TrainingText, is_training_article, read_squad, read_texts
from ingest.embedding.words import WordVectors
from tests.eval.training.words_examples import MATTERS

# Titles in the two halves.
FIT = next(f"記事{n}" for n in range(99) if is_training_article(f"記事{n}"))
JUDGE = next(f"記事{n}" for n in range(99) if not is_training_article(f"記事{n}"))


def write(file: Path, *rows: object) -> Path:
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return file


def article(title: str) -> dict[str, object]:
    paragraph = {"context": f"{title}の本文", "qas": [{"id": title, "question": f"{title}とは", "answers": []}]}
    return {"title": title, "paragraphs": [paragraph]}


def trained(seed: int = 0) -> WordVectors:
    """Return vectors of three matters, trained from random ones for a few steps."""
    terms = [word for matter in MATTERS for word in matter]
    vectors = np.random.default_rng(1).normal(size=(len(terms), 16)).astype(np.float32)
    pretrained = Pretrained({term: row for row, term in enumerate(terms)}, len(terms), vectors)
    rng = np.random.default_rng(2)
    texts = [TrainingText("", "、".join(rng.choice(MATTERS[place % 3], 40)), ()) for place in range(30)]
    return train_general(pretrained, [texts], 10, seed, lambda _stage, _done, _total: None)


def test_the_judging_half_is_never_read(tmp_path: Path) -> None:
    file = write(tmp_path / "set.json", {"data": [article(FIT), article(JUDGE)]})
    assert read_squad(file) == [TrainingText(FIT, f"{FIT}の本文", (f"{FIT}とは",))]


def test_rows_may_lack_a_title(tmp_path: Path) -> None:
    file = write(tmp_path / "texts.jsonl", {"title": "題", "body": "本文"}, {"text": "発言", "title": None, "id": 3})
    file.write_text(file.read_text(encoding="utf-8").replace("\n", "\n\n"), encoding="utf-8")
    assert read_texts(file) == [TrainingText("題", "本文"), TrainingText("", "発言")]


@pytest.mark.parametrize("content", ["", "[]", '{"data": [{"paragraphs": []}]}', '{"data": 1}'])
def test_the_error_for_a_file_in_another_format_names_it(tmp_path: Path, content: str) -> None:
    file = tmp_path / "set.json"
    file.write_text(content, encoding="utf-8")
    assert main(["train", "--vectors", ".", "--squad", str(file), "--out", str(tmp_path / "out")]) == 2


def test_the_error_for_a_row_without_text_names_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "texts.jsonl", {"text": "発言"}, {"title": "題だけ"})
    assert main(["train", "--vectors", ".", "--texts", str(file), "--out", str(tmp_path / "out")]) == 2
    assert "texts.jsonl の 2 行目" in capsys.readouterr().err


def test_training_moves_words_of_one_topic_together() -> None:
    waste, tax, clean = trained().pooled([["ゴミ"], ["税金"], ["清掃"]])
    assert waste @ clean > waste @ tax


def test_training_is_reproducible() -> None:
    np.testing.assert_array_equal(trained().vectors, trained().vectors)
    assert not np.array_equal(trained().vectors, trained(seed=1).vectors)
