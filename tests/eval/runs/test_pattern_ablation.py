"""Measuring the cases without each regular expression."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from eval.runs.pattern_ablation import PatternAblation, ablate, switched_patterns
from tests.conftest import ROOT
from tests.eval.eval_command import evaluate_here
from tests.eval.examples import make_answer, make_case

CASES = {id_: make_case(id=id_, turns=[question]) for id_, question in (("a", "図書館の目標は?"), ("b", "目標は?"))}


@pytest.fixture
def rules() -> Iterator[Any]:
    """Return a loaded module with patterns as constants, in a tuple and in a mapping."""
    module: Any = ModuleType("planted_rules")
    module.LIBRARY = re.compile("図書館")
    module.ENDINGS = (re.compile("です"), re.compile(r"\?$"))
    module.BY_KIND = {"target": re.compile("目標")}
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]


def ask_with(rules: Any) -> Any:
    """Return a system that answers questions about the library, found by a pattern, and no others."""

    def ask(body: dict[str, Any]) -> dict[str, Any]:
        question = rules.BY_KIND["target"].sub("目標", rules.ENDINGS[1].split(body["question"])[0])
        is_found = rules.LIBRARY.search(question) and not rules.ENDINGS[0].findall(question)
        return make_answer(status="answered" if is_found else "no_answer")

    return ask


def test_a_pattern_that_decides_a_case_differs_from_one_that_changes_nothing(rules: Any) -> None:
    with switched_patterns([rules.__name__]) as patterns:
        ablations = {one.pattern: one for one in ablate(patterns, CASES, ask_with(rules), sample=5)}
    assert ablations["planted_rules.LIBRARY"] == PatternAblation(
        "planted_rules.LIBRARY", matched=1, asked=1, answers=1, lost=("a",)
    )
    idle = PatternAblation("planted_rules.ENDINGS[1]", matched=2, asked=2)
    assert ablations["planted_rules.ENDINGS[1]"] == idle
    assert ablations["planted_rules.BY_KIND[target]"].answers == 0
    assert ablations["planted_rules.ENDINGS[0]"].matched == 0


def test_the_constants_are_put_back(rules: Any) -> None:
    with switched_patterns([rules.__name__]):
        assert not isinstance(rules.LIBRARY, re.Pattern)
    assert isinstance(rules.LIBRARY, re.Pattern)
    assert all(isinstance(pattern, re.Pattern) for pattern in (*rules.ENDINGS, *rules.BY_KIND.values()))


def test_the_command_lists_the_patterns_of_the_question_path(tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text(make_case().model_dump_json(), "utf-8")
    cases = ("--cases", tmp_path / "cases.jsonl", "--corpus", ROOT / "corpus")
    ended = evaluate_here("ablation", "--patterns", "--sample", "1", *cases, "--json", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    rows = json.loads(ended.stdout)["patterns"]
    assert {row["pattern"].split(".")[1] for row in rows} >= {"answers", "question", "tables"}
    assert any(row["matched"] for row in rows)
