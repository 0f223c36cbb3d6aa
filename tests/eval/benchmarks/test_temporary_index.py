"""Entries of a set as documents of one passage."""

import pytest

from eval.benchmarks.temporary_index import single_passage_document


@pytest.mark.parametrize(
    ("title", "text", "path"), [("婚姻届", "窓口で。", ("婚姻届",)), ("", "窓口で。", ()), ("婚姻届", "", ("婚姻届",))]
)
def test_an_entry_is_one_passage_under_its_title(title: str, text: str, path: tuple[str, ...]) -> None:
    reading = single_passage_document("7", title, text)
    (passage,) = reading.passages
    assert reading.document.id == "7"
    assert reading.document.title == title
    assert passage.doc_id == "7"
    assert passage.path == path
    assert passage.text == text


def test_an_empty_entry_has_no_passage() -> None:
    assert single_passage_document("7", " ", "\n").passages == ()
