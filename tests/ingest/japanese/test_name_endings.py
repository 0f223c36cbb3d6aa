"""Tests of the lexicon of name endings."""

import re

import pytest

from ingest.japanese import name_endings


@pytest.mark.parametrize(
    ("ending", "name"),
    [
        (name_endings.MUNICIPALITY, "沢口市"),
        (name_endings.DEPARTMENT, "環境課"),
        (name_endings.COMMITTEE, "環境審議会"),
        (name_endings.FACILITY, "中央公民館"),
        (name_endings.PERSON, "利用者"),
    ],
)
def test_a_name_is_recognised_by_its_ending(ending: str, name: str) -> None:
    assert re.search(f"{ending}$", name)
    assert not re.search(f"{ending}$", "計画")
