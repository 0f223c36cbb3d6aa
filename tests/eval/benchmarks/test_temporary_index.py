"""Entries of a set as documents of one passage."""

import pytest

from eval.benchmarks.ranked.temporary_index import single_passage_document


@pytest.mark.parametrize(
    ("title", "text", "path"), [("婚姻届", "窓口で。", ("婚姻届",)), ("", "窓口で。", ()), ("婚姻届", "", ("婚姻届",))]
)
def test_an_entry_is_one_passage_under_its_title(title: str, text: str, path: tuple[str, ...]) -> None:
    reading = single_passage_document("7", title, text)
    (passage,) = reading.passages
    assert (reading.document.id, reading.document.title) == ("7", title)
    assert (passage.doc_id, passage.path, passage.text) == ("7", path, text)


def test_an_empty_entry_has_no_passage() -> None:
    assert single_passage_document("7", " ", "\n").passages == ()
