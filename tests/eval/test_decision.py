"""`python -m eval decision`: questions with their passage and without it."""

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from eval.decision.decision import Tried, curve, figures, fitted
from tests.eval.process import evaluate_here
from tests.eval.test_reading import write_set


def tried(name: str = "a", *, there: bool, answered: bool = True, right: bool = False, score: float = 1.0) -> Tried:
    return Tried(name, "id", there, answered, right, there and right, {"score": score}, score / 2)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CompletedProcess[str]]:
    """Try a tiny set once; return the rows' file and the ended command."""
    folder = tmp_path_factory.mktemp("decision")
    out = folder / "rows.jsonl"
    return out, evaluate_here("decision", "--squad", write_set(folder), "--out", out, "--json", folder=folder)


def test_each_question_is_asked_with_its_passage_and_without(measured: tuple[Path, CompletedProcess[str]]) -> None:
    """Four questions of two passages: with them most are answered, without them none rightly."""
    assert measured[1].returncode == 0, measured[1].stderr
    told: dict[str, Any] = next(iter(json.loads(measured[1].stdout)["by_set"].values()))
    assert (told["n"], told["n_absent"]) == (4, 4)
    assert told["answered"] >= 0.5
    rows = [json.loads(line) for line in measured[0].read_text("utf-8").splitlines()]
    assert not any(row["right"] or row["found"] for row in rows if not row["there"])


def test_the_rates_count_what_is_there_and_what_is_not_apart() -> None:
    """Answered and right where the answer is there, declined where it is not, by set, each with its error."""
    told = figures(
        [
            tried(there=True, right=True),
            tried(there=True, answered=False),
            tried(there=False, answered=False),
            tried("b", there=False),
        ]
    )
    assert (told["a"]["answered"], told["a"]["right"], told["a"]["declined"]) == (0.5, 0.5, 1.0)
    assert told["a"]["answered_se"] == pytest.approx(0.5)
    assert told["b"]["declined"] == 0.0
    assert "answered" not in told["b"]


def test_the_curve_falls_for_answers_and_rises_for_refusals() -> None:
    """A higher threshold answers less and declines more."""
    steps = curve([tried(there=True, score=s / 10) for s in range(20)] + [tried(there=False, score=0.5)])
    assert [step["answered"] for step in steps] == sorted((step["answered"] for step in steps), reverse=True)
    assert [step["declined"] for step in steps] == sorted(step["declined"] for step in steps)


def test_the_fit_weighs_what_tells_the_two_apart() -> None:
    """The higher the score of what is there, the greater its weight; the bias makes up for it."""
    apart = [tried(there=True, right=True, score=1.5 + n / 100) for n in range(20)]
    weights = fitted([*apart, *(tried(there=False, score=0.5 + n / 100) for n in range(20))])
    assert weights["score"] > 0
    assert weights["bias"] < 0


def test_something_to_try_has_to_be_named(tmp_path: Path) -> None:
    """Without a set the command says which options name one."""
    ended = evaluate_here("decision", folder=tmp_path)
    assert ended.returncode == 2
    assert "--squad" in ended.stderr
