"""Tests of the lexicon of name endings."""

import re

import pytest

from ingest.japanese import lexicon


@pytest.mark.parametrize(
    ("ending", "name"),
    [
        (lexicon.MUNICIPALITY, "沢口市"),
        (lexicon.DEPARTMENT, "環境課"),
        (lexicon.COMMITTEE, "環境審議会"),
        (lexicon.FACILITY, "中央公民館"),
        (lexicon.PERSON, "利用者"),
    ],
)
def test_a_name_is_recognised_by_its_ending(ending: str, name: str) -> None:
    assert re.search(f"{ending}$", name)
    assert not re.search(f"{ending}$", "計画")
