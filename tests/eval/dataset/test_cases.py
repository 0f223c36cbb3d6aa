"""The project's own cases, beyond the general checks of case files."""

import tomllib
from collections import Counter

import pytest

from eval.checks.case_problems import COMPUTED_TAG
from eval.dataset.case import load_cases
from eval.dataset.matching import contains_words
from eval.dataset.sets import CASES as CASES_FOLDER
from eval.dataset.sets import CaseSet, project_sets

FILES = sorted({file for one in project_sets() if one.is_in_our_format for file in one.files})
CASES = load_cases(FILES)
each_set = pytest.mark.parametrize(
    "asked", [one for one in project_sets() if one.is_in_our_format], ids=lambda one: one.name
)


def documents(asked: CaseSet) -> dict[str, str]:
    """Return id -> text of the documents that a set is asked over, or skip the test."""
    if not asked.is_available:
        pytest.skip("the source documents are not beside this checkout (../shared/corpus)")
    (folder,) = asked.corpora
    entries = tomllib.loads((folder / "manifest.toml").read_text("utf-8"))["document"]
    return {entry["id"]: (folder / entry["file"]).read_text("utf-8") for entry in entries}


@each_set
def test_each_expected_fact_is_in_a_cited_document(asked: CaseSet) -> None:
    texts = documents(asked)
    unfounded = [
        (case.id, group)
        for case in load_cases(asked.files)
        if COMPUTED_TAG not in case.tags
        for group in case.must
        if not any(contains_words(texts[cite.split("#")[0]], words) for cite in case.cite for words in group)
    ]
    assert unfounded == []


@each_set
def test_each_set_has_answerable_and_unanswerable_questions(asked: CaseSet) -> None:
    behaves = Counter(case.behave for case in load_cases(asked.files) if case.kind != "several")
    assert behaves["answer"] > behaves["abstain"] >= behaves["answer"] / 4


def test_every_kind_has_five_cases_or_more() -> None:
    assert min(Counter(case.kind for case in CASES).values()) >= 5


def test_half_of_250_questions_are_by_independent_writers() -> None:
    by_others = [case for file in FILES if file.parent != CASES_FOLDER for case in load_cases([file])]
    assert len(CASES) >= 250
    assert len(by_others) >= 125
