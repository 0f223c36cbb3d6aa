"""Fitting the span model: `python -m eval spans` from SQuAD files to a file of weights."""

import json
import re
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest

from eval.__main__ import main
from eval.reading.spans import fit_spans
from eval.reading.spans_examples import SpanExample, right_among
from eval.runs.halves import half_of
from tests.eval.process import evaluate_here
from tests.eval.test_squad import article, question, write

THINGS = re.findall("..", "会議祭典講座大会朝市訓練展示演奏体操清掃相談投票見学散歩読書料理裁縫園芸書道茶道")
NAMES = re.findall("..", "山田佐藤鈴木高橋田中伊藤渡辺中村小林加藤吉田松本井上木村清水斎藤山口池田橋本阿部")
FIT = [f"q{n}" for n in range(90) if half_of(f"q{n}") == "fit"]
JUDGE = [f"q{n}" for n in range(90) if half_of(f"q{n}") == "judge"]


def write_planted(folder: Path, *, fit: bool = True) -> Path:
    """Write a set whose true answers stand before も, in the fitting half; in the judging half they stand before が.

    Two of its passages have more candidates than are drawn from one.
    """
    told = []
    for n, thing in enumerate(THINGS):
        first, second, third, fourth = (NAMES[(n + step) % len(NAMES)] for step in (0, 7, 13, 16))
        context = f"{thing}では{first}が話した。{thing}には{second}も来た。夜は{third}も来た。{fourth}が片付けた。"
        context += f"番号は{'、'.join(f'{number}番' for number in range(30))}です。" if n < 2 else ""
        asked = [question(JUDGE[n], f"{thing}の人は誰ですか。", first)]
        asked += [question(FIT[n], f"{thing}の人は誰でしょうか。", second)] if fit else []
        told.append((context, asked))
    return write(folder, article("町の催し", *told))


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CompletedProcess[str]]:
    """Fit on the planted set once; return the file of weights and the ended command."""
    folder = tmp_path_factory.mktemp("spans")
    out = folder / "likely.json"
    return out, evaluate_here("spans", "--squad", write_planted(folder), "--out", out, "--json", folder=folder)


def read_weights(file: Path) -> dict[str, Any]:
    weights: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return weights


def test_what_the_set_teaches_is_learned(fitted: tuple[Path, CompletedProcess[str]]) -> None:
    """An answer stands before も rather than before が; the judging half, which teaches the contrary, is not heard."""
    out, done = fitted
    assert done.returncode == 0, done.stderr
    weights = read_weights(out)["classes"]
    assert weights["behind も"] > 0 > weights["behind が"]


def test_what_was_made_is_told_and_written(fitted: tuple[Path, CompletedProcess[str]]) -> None:
    """One JSON value on stdout; the file tells what it was fitted on, and has the weights in order of their names."""
    out, done = fitted
    told, written = json.loads(done.stdout), read_weights(out)
    assert told["fitted_on"] == written["fitted_on"] == {"set.json": len(THINGS)}
    assert (told["numbers"], told["classes"]) == (len(written["numbers"]), len(written["classes"]))
    assert told["out"] == str(out)
    assert list(written["classes"]) == sorted(written["classes"])


def test_a_fit_gives_the_same_file_each_time(fitted: tuple[Path, CompletedProcess[str]], tmp_path: Path) -> None:
    """Letter for letter, though candidates are drawn."""
    again = tmp_path / "again.json"
    assert main(["spans", "--squad", str(write_planted(tmp_path)), "--out", str(again)]) == 0
    assert again.read_bytes() == fitted[0].read_bytes()


def test_no_more_questions_are_used_than_asked_for(tmp_path: Path) -> None:
    """A limit counts for each file."""
    out = tmp_path / "few.json"
    assert main(["spans", "--squad", str(write_planted(tmp_path)), "--limit", "3", "--out", str(out)]) == 0
    assert read_weights(out)["fitted_on"] == {"set.json": 3}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--squad", "nowhere.json", "--out", "likely.json"], "nowhere.json"),
        (["--squad", "set.json", "--out", "nowhere/likely.json"], "--out"),
        (["--squad", "set.json", "--out", "."], "--out"),
        (["--squad", "set.json", "--out", "likely.json"], "fit"),
    ],
    ids=["no file", "no folder to write into", "a folder to write to", "nothing to fit on"],
)
def test_bad_use_is_told(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2, what is wrong in the reader's language on stderr, and nothing written."""
    write_planted(tmp_path, fit=False)
    monkeypatch.chdir(tmp_path)
    assert main(["spans", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("エラー:")
    assert said in error
    assert [file.name for file in tmp_path.iterdir()] == ["set.json"]


def test_answers_that_stand_nowhere_teach_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where no question has a right candidate, that is told."""
    file = write(tmp_path, article("船", ("渡し船は町が始めた。", [question(FIT[0], "いつですか。", "1923年")])))
    assert main(["spans", "--squad", str(file), "--out", str(tmp_path / "likely.json")]) == 2
    assert "答え" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answers", "right"),
    [
        (["1923年"], [False, True, False]),
        (["１９２３ 年"], [False, True, False]),
        (["町", "1923年6月"], [True, False, True]),
        (["1923年6月頃"], [False, False, True]),
        (["渡し船"], [False, False, False]),
    ],
    ids=["as it stands", "written otherwise", "two ways to answer", "not quite a candidate", "none like it"],
)
def test_the_right_candidates_are_the_true_answers_or_else_what_is_most_like_them(
    answers: list[str], right: list[bool]
) -> None:
    """Compared as answers are; a candidate that shares little with any answer is not right."""
    assert right_among(["町", "1923年", "1923年6月"], answers).tolist() == right


def test_what_is_rarely_met_gets_no_weight_and_nothing_gets_a_weight_without_bounds() -> None:
    """What a few questions happen to show is not learned by heart; what always holds does not grow for ever."""
    named = tuple(("common", "rare") if n < 2 else ("common",) if n < 4 else () for n in range(8))
    example = SpanExample({"length": np.zeros(8, np.float32)}, named, np.arange(8) < 2)
    weights = fit_spans([example] * 40)
    assert set(weights.classes) == {"common"}
    assert 1 < weights.classes["common"] < 5
