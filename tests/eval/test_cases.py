"""The project's own cases, held against the documents they are about."""

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from eval.data import case_files, load_cases
from eval.matching import holds, same_section

ROOT = Path(__file__).parents[2]
CASES = load_cases(case_files())


@pytest.fixture(scope="module", params=[ROOT / "corpus", ROOT.parent / "shared" / "corpus"], ids=["corpus", "sources"])
def documents(request: pytest.FixtureRequest) -> dict[str, str]:
    """Return id -> text of the project's documents, then of the sources they restate."""
    manifest = request.param / "manifest.toml"
    if not manifest.exists():
        pytest.skip("the two source documents are not beside this checkout (../shared/corpus)")
    entries = tomllib.loads(manifest.read_text("utf-8"))["document"]
    return {entry["id"]: (request.param / entry["file"]).read_text("utf-8") for entry in entries}


def test_each_asked_fact_stands_in_a_cited_document(documents: dict[str, str]) -> None:
    """Of each group at least one wording is the document's own: no case asks for what nobody wrote."""
    unfounded = [
        (case.id, group)
        for case in CASES
        for group in case.must
        if not any(holds(documents[cite.split("#")[0]], words) for cite in case.cite for words in group)
    ]
    assert unfounded == []


def test_each_case_accepts_a_section_that_is_there(documents: dict[str, str]) -> None:
    """At least one accepted source is a heading of the document as it stands."""
    headings = {doc_id: [line for line in text.splitlines() if line.strip()] for doc_id, text in documents.items()}
    homeless = [
        case.id
        for case in CASES
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


def test_the_set_asks_for_answers_and_for_refusals() -> None:
    """At least 75 cases can be answered, at least 35 cannot, and every kind has five or more."""
    behaves = Counter(case.behave for case in CASES)
    assert behaves["answer"] >= 75
    assert behaves["abstain"] >= 35
    assert min(Counter(case.kind for case in CASES).values()) >= 5


def test_no_question_is_asked_twice() -> None:
    """The same turns on the same day would count one behaviour twice."""
    asked = Counter((tuple(re.sub(r"\s", "", turn) for turn in case.turns), case.as_of) for case in CASES)
    assert [turns for turns, n in asked.items() if n > 1] == []


def _cites(cites: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(doc, section) for doc, _, section in (cite.partition("#") for cite in cites)]
