"""The project's own cases, held against the documents they are about."""

import re
import tomllib
from collections import Counter

import pytest

from eval.data import load_cases
from eval.matching import holds, same_section
from eval.sets import CASES as FOLDER
from eval.sets import CaseSet, own_sets

CASES = load_cases(sorted(FOLDER.rglob("*.jsonl")))
each_set = pytest.mark.parametrize("asked", own_sets(), ids=lambda one: one.name)


def documents(asked: CaseSet) -> dict[str, str]:
    """Return id -> text of the documents that a set is asked over, or skip the test."""
    if not asked.is_there:
        pytest.skip("the source documents are not beside this checkout (../shared/corpus)")
    (folder,) = asked.corpora
    entries = tomllib.loads((folder / "manifest.toml").read_text("utf-8"))["document"]
    return {entry["id"]: (folder / entry["file"]).read_text("utf-8") for entry in entries}


@each_set
def test_each_asked_fact_stands_in_a_cited_document(asked: CaseSet) -> None:
    """Of each group at least one wording is the document's own: no case asks for what nobody wrote."""
    texts = documents(asked)
    unfounded = [
        (case.id, group)
        for case in load_cases(asked.files)
        for group in case.must
        if not any(holds(texts[cite.split("#")[0]], words) for cite in case.cite for words in group)
    ]
    assert unfounded == []


@each_set
def test_each_case_accepts_a_section_that_is_there(asked: CaseSet) -> None:
    """At least one accepted source is a heading of the document as it stands."""
    headings = {
        doc_id: [line for line in text.splitlines() if line.strip()] for doc_id, text in documents(asked).items()
    }
    homeless = [
        case.id
        for case in load_cases(asked.files)
        if case.cite
        and not any(same_section(section, line) for doc, section in _cites(case.cite) for line in headings[doc])
    ]
    assert homeless == []


def test_what_may_not_be_said_is_no_part_of_what_must_be() -> None:
    """No case forbids the very words it asks for."""
    contradictions = [
        (case.id, words)
        for case in CASES
        for words in case.must_not
        if any(all(holds(wanted, words) for wanted in group) for group in case.must)
    ]
    assert contradictions == []


@each_set
def test_each_set_asks_for_answers_and_for_refusals(asked: CaseSet) -> None:
    """Most questions of a set can be answered, and at least a quarter as many cannot."""
    behaves = Counter(case.behave for case in load_cases(asked.files))
    assert behaves["answer"] > behaves["abstain"] >= behaves["answer"] / 4


def test_every_kind_has_five_cases_or_more() -> None:
    """A rate over fewer would tell nothing."""
    assert min(Counter(case.kind for case in CASES).values()) >= 5


def test_half_of_250_questions_are_by_writers_who_saw_neither_code_nor_cases() -> None:
    """Theirs lie in the folders of the sets, the others right in the cases' folder."""
    by_others = [case for file in FOLDER.glob("*/*.jsonl") for case in load_cases([file])]
    assert len(CASES) >= 250
    assert len(by_others) >= 125


def test_no_question_is_asked_twice() -> None:
    """The same turns on the same day would count one behaviour twice."""
    asked = Counter((tuple(re.sub(r"[\s。?]", "", turn) for turn in case.turns), case.as_of) for case in CASES)
    assert [turns for turns, n in asked.items() if n > 1] == []


def _cites(cites: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(doc, section) for doc, _, section in (cite.partition("#") for cite in cites)]
